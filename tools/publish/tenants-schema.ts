/** Writes docs/tenants.schema.json: `npx tsx tools/publish/tenants-schema.ts`. A test says when that is due. */
import { writeFileSync } from 'node:fs'
import { publishedSchema } from '../../host-node/tenants/schema.ts'
import { path } from '../build/steps.ts'

writeFileSync(path('docs', 'tenants.schema.json'), publishedSchema())
