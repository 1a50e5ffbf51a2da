/** `npm run build`: everything a user needs, in build/. */
import { buildAll } from '../build/all.ts'
import { orFail } from '../build/steps.ts'

await orFail(buildAll)
