/** The demonstration's result: one table, and what it means in sentences that are computed from it. */
import Table from 'cli-table3'
import type { ServeRun } from '../serving/serve.ts'
import type { Replayed } from './main.ts'

const ms = (value: number): string => (value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(1)} ms`)
const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`
const signed = (value: number, digits = 0): string => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`

/** By how much `now` differs from `before`, in percent. */
const change = (now: number, before: number): string => `${signed((now / before - 1) * 100, 1)} %`

/** One row a run. */
export function renderTable(runs: Record<string, ServeRun>): string {
  const direct = runs['direct']!
  const table = new Table({
    head: ['', 'tokens/s', 'TTFT p50', 'p99', 'TPOT p50', 'p99', 'compute', 'bandwidth', 'added a call', 'results'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
  })
  for (const [name, { serve, device }] of Object.entries(runs)) {
    const added = serve.launch_ns.mean - direct.serve.launch_ns.mean
    table.push([
      name,
      serve.total_tok_s.toFixed(0),
      ms(serve.ttft_ms.p50),
      ms(serve.ttft_ms.p99),
      ms(serve.tpot_ms.p50),
      ms(serve.tpot_ms.p99),
      percent(device.compute_utilization),
      percent(device.bandwidth_utilization),
      name === 'direct' ? `(${serve.launch_ns.mean.toFixed(0)} ns)` : `${signed(added)} ns`,
      name === 'direct' ? 'reference' : serve.checksum === direct.serve.checksum ? 'same bytes' : 'DIFFERENT BYTES',
    ])
  }
  return table.toString()
}

/** What the numbers say: dynamic against static, the replay, and whether the bytes are equal. */
export function verdict(runs: Record<string, ServeRun>, replay: Replayed, record: string): string {
  const split = runs['static-split']!
  const dynamic = runs['dynamic-pd']!
  const a = dynamic.serve
  const b = split.serve
  const lines = [
    `dynamic-pd against static-split: TTFT p99 ${change(a.ttft_ms.p99, b.ttft_ms.p99)}, throughput ` +
      `${change(a.total_tok_s, b.total_tok_s)}, TPOT p50 ${change(a.tpot_ms.p50, b.tpot_ms.p50)}.`,
    `Why: the fixed split leaves the part of a phase that has no work unused (device ${percent(split.device.compute_utilization)} ` +
      `compute, ${percent(split.device.bandwidth_utilization)} bandwidth); dynamic-pd gives it to the other at once and ` +
      `lets bandwidth-bound decode run beside compute-bound prefill (${percent(dynamic.device.compute_utilization)}, ` +
      `${percent(dynamic.device.bandwidth_utilization)}).`,
    `Recording: ${record}; replayed in V8: ${replay.events} events, ${replay.decisions} decisions, ` +
      `${replay.differences} differing (state ${replay.state_hash}).`,
  ]
  return lines.join('\n')
}
