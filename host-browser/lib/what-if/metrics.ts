/**
 * What a run meant to its users: latency and cadence of steps, throughput, use of the device. The same definitions serve
 * the recorded run and a new one; only steps whose begin and end the recording holds count, on both sides.
 */
import { PhaseNames } from '../../../build/gen/ts/records.ts'
import { PHASES } from './flights.ts'
import { quantile } from './quantiles.ts'
import type { Distribution, Metrics, PhaseMetrics, PhaseName, Steps } from './types.ts'

/** Figures that are counted, not estimated. */
export interface Totals {
  /** Operators complete, by phase. */
  completed: number[]
  first_ns: number
  last_ns: number
  busy_ns: number
  events: number
  decisions: number
}

function distribution(values_ns: number[]): Distribution | null {
  if (values_ns.length === 0) return null
  const ms = values_ns.map((ns) => ns / 1e6)
  return {
    count: ms.length,
    mean_ms: ms.reduce((sum, v) => sum + v, 0) / ms.length,
    p50_ms: quantile(ms, 0.5),
    p90_ms: quantile(ms, 0.9),
    p99_ms: quantile(ms, 0.99),
  }
}

/** Whether the recording holds begin and end of a step, and it ended in the new run, too. */
function counts(steps: Steps, i: number): boolean {
  return (
    Number.isFinite(steps.recorded_begin_ns[i]!) &&
    Number.isFinite(steps.recorded_end_ns[i]!) &&
    Number.isFinite(steps.end_ns[i]!)
  )
}

export function metricsOf(steps: Steps, begin: Float64Array, end: Float64Array, totals: Totals): Metrics {
  const latencies = Array.from({ length: PHASES }, (): number[] => [])
  const cadences = Array.from({ length: PHASES }, (): number[] => [])
  const whole = Array.from({ length: PHASES }, () => 0)
  for (let i = 0; i < steps.count; i++) {
    const phase = steps.phase[i]!
    if (Number.isFinite(end[i]!)) whole[phase]!++
    if (!counts(steps, i)) continue
    latencies[phase]!.push(end[i]! - begin[i]!)
    const follows =
      i > 0 && steps.last_seq[i - 1]! + 1 === steps.first_seq[i] && steps.stream[i - 1] === steps.stream[i]
    if (follows && steps.arrives[i] === 0 && counts(steps, i - 1)) cadences[phase]!.push(end[i]! - end[i - 1]!)
  }
  const makespan = Math.max(totals.last_ns - totals.first_ns, 0) || 0
  const perSecond = (n: number): number => (makespan > 0 ? n / (makespan / 1e9) : 0)
  const phases = Object.fromEntries(
    Array.from({ length: PHASES }, (_, phase): [string, PhaseMetrics] => [
      PhaseNames[phase]!,
      {
        operators: totals.completed[phase]!,
        operators_per_s: perSecond(totals.completed[phase]!),
        steps: whole[phase]!,
        steps_per_s: perSecond(whole[phase]!),
        step_ms: distribution(latencies[phase]!),
        cadence_ms: distribution(cadences[phase]!),
      },
    ]),
  ) as Record<PhaseName, PhaseMetrics>
  return {
    ttft_ms: phases.PREFILL.step_ms,
    tpot_ms: phases.DECODE.cadence_ms,
    phases,
    makespan_ms: makespan / 1e6,
    busy_share: makespan > 0 ? Math.min(totals.busy_ns / makespan, 1) : 0,
    events: totals.events,
    decisions: totals.decisions,
  }
}
