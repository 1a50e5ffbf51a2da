/**
 * `npm run fuzz [-- --records N] [--seed S] [--policy P] [--json]`: mutated ring records against the daemon, at least a
 * million unless told otherwise. Exit code 1, with the seed, where one of them harms anybody but its sender.
 */
import { parseArgs } from 'node:util'
import { progress } from '../../bench/harness/progress.ts'
import { fuzz } from './run.ts'
import { World } from './world.ts'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    policy: { type: 'string', default: 'fair' },
    json: { type: 'boolean', default: false },
  },
})
const [records, seed] = [Number(values.records), Number(values.seed)]
if (!Number.isSafeInteger(records) || records < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('usage: npm run fuzz -- [--records N] [--seed S] [--policy P] [--json]\n')
  process.exit(2)
}
process.stderr.write(`fuzz: seed ${seed}, ${records} records\n`)
process.on('exit', (code) => {
  if (code !== 0) process.stderr.write(`fuzz: failed; again with --seed ${seed} --records ${records}\n`)
})
const bar = progress('fuzz', 20)
let shown = 0
const world = new World(values.policy)
const result = fuzz(world, seed, records, (done) => {
  for (; shown < Math.floor((20 * done) / records) && shown < 20; shown++) bar.step(`${done} records`)
})
bar.done()
world.end()
process.stdout.write(values.json ? `${JSON.stringify({ seed, ...result })}\n` : '')
if (!values.json) console.table({ seed, ...result, reasons: Object.keys(result.reasons).length })
process.exit(0) // clients that are taken leave of on threads need not be waited for
