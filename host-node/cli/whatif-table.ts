/** The figures of a what-if side by side. */
import Table from 'cli-table3'
import type { Distribution, Metrics, PhaseName, WhatIfResult } from '../../host-browser/lib/what-if/what-if.ts'

const ms = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(2)} ms`)
const percentiles = (d: Distribution | null): string[] => [ms(d?.p50_ms), ms(d?.p99_ms)]

function column(m: Metrics): string[] {
  const phase = (name: PhaseName): string => {
    const { operators, operators_per_s } = m.phases[name]
    return operators === 0 ? '' : `${Math.round(operators_per_s)} /s`
  }
  return [
    ...percentiles(m.ttft_ms),
    ...percentiles(m.tpot_ms),
    phase('PREFILL'),
    phase('DECODE'),
    phase('MIXED'),
    phase('UNKNOWN'),
    ms(m.makespan_ms),
    `${(m.busy_share * 100).toFixed(1)} %`,
  ]
}

const names = [
  'TTFT (prefill step) p50',
  'p99',
  'TPOT (decode cadence) p50',
  'p99',
  'operators of prefill',
  'of decode',
  'of mixed streams',
  'of unknown phase',
  'makespan',
  'device in use',
]

/** A row for each figure that some run has; columns: as recorded, the recorded policy in the model, the new policy. */
export function comparisonTable({ recorded, model, whatif }: WhatIfResult, before: string, after: string): string {
  const columns = [recorded, ...(model === null ? [] : [model]), whatif].map(column)
  const head = ['', 'recorded', ...(model === null ? [] : [`${before} (model)`]), `${after} (model)`]
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: ['left', 'right', 'right', 'right'] })
  for (const [i, name] of names.entries()) {
    const row = columns.map((c) => c[i]!)
    if (row.some((cell) => cell !== '')) table.push([name, ...row])
  }
  return table.toString()
}
