/** `npm run fuzz [-- --records N] [--seed S]`: mutated ring records against the daemon (test/fuzz), built first. */
import { spawnSync } from 'node:child_process'
import { buildAll } from '../build/all.ts'
import { npmProgram, orFail, path } from '../build/steps.ts'

await orFail(buildAll)
const script = path('test', 'fuzz', 'main.ts')
const { status } = spawnSync(npmProgram('tsx'), [script, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
