/**
 * `npm run bench -- split`: the static split at several shares against dynamic-pd on the same trace, so that the
 * comparison is with the best configuration of the other side. JSON: {direct, static: {share: figures}, dynamic}.
 */
import { path } from '../../tools/build/steps.ts'
import { options } from '../harness/options.ts'
import { progress } from '../harness/progress.ts'
import { serve, type ServeRun } from '../serving/serve.ts'

const { json, quick } = options('split')
const shares = quick ? [500] : [300, 400, 500, 600, 700, 800]
const args = [
  '--trace',
  path('bench', 'traces', 'azure_llm_2023_code_sample.csv'),
  '--seconds',
  quick ? '2' : '60',
  '--rate',
  '2',
]

const figures = ({ serve: s }: ServeRun) => ({
  total_tok_s: s.total_tok_s,
  ttft_p50_ms: s.ttft_ms.p50,
  ttft_p99_ms: s.ttft_ms.p99,
  tpot_p50_ms: s.tpot_ms.p50,
  tpot_p99_ms: s.tpot_ms.p99,
})
type Figures = ReturnType<typeof figures>

const bar = progress('split', shares.length + 2)
bar.step('direct')
const direct = figures(await serve(args))
const split: Record<string, Figures> = {}
for (const share of shares) {
  bar.step(`static-split, prefill ${share / 10} %`)
  split[share] = figures(await serve(args, { policy: 'static-split', parameters: [`prefill_permille=${share}`] }))
}
bar.step('dynamic-pd')
const dynamic = figures(await serve(args, { policy: 'dynamic-pd' }))
bar.done()
if (json) process.stdout.write(`${JSON.stringify({ direct, static: split, dynamic })}\n`)
else {
  const rows = Object.fromEntries(Object.entries(split).map(([share, f]) => [`static ${Number(share) / 10} %`, f]))
  console.table({ direct, ...rows, 'dynamic-pd': dynamic })
}
