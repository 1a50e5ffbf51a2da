/** Writes docs/coverage.md. `npx tsx tools/coverage.ts` */
import { writeFileSync } from 'node:fs'
import { path } from './build/steps.ts'
import { emitCoverage } from './emit/coverage.ts'

writeFileSync(path('docs', 'coverage.md'), emitCoverage())
