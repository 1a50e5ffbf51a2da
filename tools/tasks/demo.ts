/** `npm run demo`: builds what is missing, then the demonstration (bench/demo). */
import { spawnSync } from 'node:child_process'
import { buildAll } from '../build/all.ts'
import { npmProgram, orFail, path } from '../build/steps.ts'

await orFail(buildAll)
const { status } = spawnSync(npmProgram('tsx'), [path('bench', 'demo', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: process.env['INIT_CWD'],
})
process.exit(status ?? 1)
