/** `npm run bench -- NAME [--json] [--quick]`: one benchmark of bench/, built first. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { buildAll } from '../build/all.ts'
import { npmProgram, orFail, path } from '../build/steps.ts'

const [name, ...args] = process.argv.slice(2)
const names = readdirSync(path('bench')).filter((n) => n !== 'demo' && existsSync(path('bench', n, 'main.ts')))
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json] [--quick]; NAME is one of: ${names.join(', ')}\n`)
  process.exit(2)
}
await orFail(buildAll)
const { status } = spawnSync(npmProgram('tsx'), [path('bench', name, 'main.ts'), ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
