/**
 * `npm run bench -- e1`: the paper's E1, what FlexNPU costs while it decides nothing. Tokens a second of the serving
 * program directly, in-process and through a daemon, both under passthrough, at the device's own pace; medians of rounds
 * that alternate. The paper, on a real card: 977.69 tok/s directly, 988.27 under FlexNPU (section 5, "overhead").
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from '../daemon/start.ts'
import { machineNote } from '../harness/machine.ts'
import { median, rounded } from '../harness/median.ts'
import { options } from '../harness/options.ts'
import { progress } from '../harness/progress.ts'
import { serve } from '../serving/serve.ts'
import { writePrompts } from './prompts.ts'

const { json, quick } = options('e1')
const rounds = quick ? 1 : 5
const requests = quick ? 8 : 128

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-e1-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const trace = join(folder, 'gsm8k.csv')
writePrompts(trace, requests)
const args = ['--trace', trace]

const ways = ['direct', 'inproc', 'daemon'] as const
const rates: Record<(typeof ways)[number], number[]> = { direct: [], inproc: [], daemon: [] }
const sums = new Set<string>()
const daemon = await startDaemon('1', ['--policy', 'passthrough'])
const bar = progress('e1', rounds * ways.length)
for (let round = 0; round < rounds; round++) {
  for (const way of ways) {
    bar.step(way)
    const flexnpu = way === 'inproc' ? { policy: 'passthrough' } : way === 'daemon' ? { daemon } : undefined
    const { serve: result } = await serve(args, flexnpu)
    rates[way].push(result.output_tok_s)
    sums.add(result.checksum)
  }
}
bar.done()
await daemon.stop()
if (sums.size !== 1) throw new Error('the ways do not compute the same bytes')

const result = {
  direct_tok_s: rounded(median(rates.direct)),
  inproc_tok_s: rounded(median(rates.inproc)),
  daemon_tok_s: rounded(median(rates.daemon)),
}
if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
else {
  const added = (rate: number): string => `${((100 * rate) / result.direct_tok_s - 100).toFixed(2)} %`
  process.stdout.write(
    `e1, ${machineNote()}\n` +
      `direct      ${result.direct_tok_s} output tokens/s\n` +
      `in-process  ${result.inproc_tok_s} (${added(result.inproc_tok_s)})\n` +
      `daemon      ${result.daemon_tok_s} (${added(result.daemon_tok_s)})\n`,
  )
}
