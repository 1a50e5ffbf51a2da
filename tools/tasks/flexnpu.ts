/** `npm run flexnpu -- ARGS`: the command line, built first where needed. */
import { spawnSync } from 'node:child_process'
import { buildAll } from '../build/all.ts'
import { orFail, path } from '../build/steps.ts'

await orFail(buildAll)
const cli = path('build', 'js', 'host-node', 'cli', 'main.js')
const { status } = spawnSync(process.execPath, [cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: process.env['INIT_CWD'],
})
process.exit(status ?? 1)
