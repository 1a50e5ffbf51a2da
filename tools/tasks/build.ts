/** `npm run build`: everything a user needs, in build/. */
import { buildAll } from '../build/all.ts'

await buildAll()
