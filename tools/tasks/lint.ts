/** `npm run lint`: rules (oxlint), format (oxfmt) and types (tsc); exits with 1 where one of them finds something. */
import { checks } from '../build/checks.ts'

let failed = 0
for (const check of checks) {
  const problem = await check.run()
  process.stderr.write(problem === undefined ? `ok    ${check.name}\n` : `FAIL  ${check.name}\n${problem}\n`)
  if (problem !== undefined) failed++
}
process.exit(failed > 0 ? 1 : 0)
