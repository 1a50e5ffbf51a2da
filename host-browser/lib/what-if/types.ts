/**
 * What-if: the same arrivals under another policy. What goes in and comes out; what-if.ts says what is assumed.
 */

/** A recording as its frames hold it, without the frames: whole event and decision records, from the first on. */
export interface RecordedRun {
  /** The JSON of the header; `host` says which host wrote it ("shim" or "daemon"). */
  json: unknown
  /** Records of 64 bytes. */
  events: Uint8Array
  /** Records of 32 bytes. */
  decisions: Uint8Array
}

/** A fresh core (host-node/core: Core, CoreInstance). */
export interface WhatIfCore {
  readonly inbox: Uint8Array
  reset(): void
  /** Takes the first `records` of the inbox; the decisions, valid until the next call. */
  run(records: number): Uint8Array
  nextWakeNs(): bigint
}

/** What is asked. */
export interface WhatIfRequest {
  /** PolicyId. */
  policy: number
  /** In the order of policyParameters; 0 or absent is the default. */
  parameters?: readonly (bigint | number)[]
  assumptions?: Partial<Assumptions>
  /** Also runs the recorded policy through the model, which shows how far the model is off. */
  model?: boolean
  /** Part that is done, 0 to 1. */
  progress?: (part: number) => void
}

/** Figures of the model that no recording holds. */
export interface Assumptions {
  /** How long after an operator is complete its host sees it, ns: the hosts look every 20 us. */
  seen_ns: number
  /** A longer pause of a program is a wait for the world outside, not its own work; 0 finds it from its pauses, ns. */
  think_limit_ns: number
}

export const ASSUMPTIONS: Assumptions = { seen_ns: 25_000, think_limit_ns: 0 }

/** Mean and quantiles, ms. */
export interface Distribution {
  count: number
  mean_ms: number
  p50_ms: number
  p90_ms: number
  p99_ms: number
}

/** Of the streams of one phase. */
export interface PhaseMetrics {
  /** Operators that became complete, and per second of the makespan. */
  operators: number
  operators_per_s: number
  /** Whole steps, and per second of the makespan. */
  steps: number
  steps_per_s: number
  /** From the first operator of a step (its arrival, where it waited for one) to the end of the step; TTFT of prefill. */
  step_ms: Distribution | null
  /** From the end of a step to that of the next, where the program did not wait for the world outside; TPOT of decode. */
  cadence_ms: Distribution | null
}

export type PhaseName = 'UNKNOWN' | 'PREFILL' | 'DECODE' | 'MIXED'

export interface Metrics {
  /** TTFT: step_ms of prefill; TPOT: cadence_ms of decode. */
  ttft_ms: Distribution | null
  tpot_ms: Distribution | null
  phases: Record<PhaseName, PhaseMetrics>
  /** From the first operator issued to the last complete. */
  makespan_ms: number
  /** Part of it in which anything was on the device. */
  busy_share: number
  events: number
  decisions: number
}

/** One side of the first difference. */
export interface DecisionSide {
  /** Number of the decision, counted from 1. */
  decision: number
  /** Number and time of the event that led to it. */
  event: number
  time_ns: number
  /** The record, 32 bytes. */
  record: Uint8Array
}

/** The steps of all programs, side by side; times in ns, NaN where they are not known. */
export interface Steps {
  count: number
  /** Stream number in the recording. */
  stream: Uint32Array
  phase: Uint8Array
  /** op_seq of the first and the last operator. */
  first_seq: Float64Array
  last_seq: Float64Array
  /** 1 where the program waited for the world outside before it. */
  arrives: Uint8Array
  recorded_begin_ns: Float64Array
  recorded_end_ns: Float64Array
  begin_ns: Float64Array
  end_ns: Float64Array
}

/** What was recovered from the recording, so that the result can be judged. */
export interface Recovered {
  operators: number
  /** Of them, issued on credit: the recording holds their number only. */
  on_credit: number
  /** Of them, with a device time that was measured. */
  measured: number
  /** Streams that were made, reused numbers counted anew. */
  streams: number
  /** Slow-down of the first phase's operators while the second's are on the device; by [Phase][Phase]. */
  slowdown: number[][]
}

export interface WhatIfResult {
  policy: number
  parameters: string[]
  /** The one that the recording first sets. */
  recorded_policy: number
  recorded: Metrics
  /** The recorded policy through the same model, where it was asked for. */
  model: Metrics | null
  whatif: Metrics
  /** Null where all decisions are the same. A side is null where it ends earlier. */
  first_difference: { recorded: DecisionSide | null; whatif: DecisionSide | null } | null
  /** The new run, as a recording would hold it. */
  run: { events: Uint8Array; decisions: Uint8Array }
  steps: Steps
  recovered: Recovered
  /** What limits the result, for people. */
  notes: string[]
}

/** The recording cannot be run again. */
export class WhatIfError extends Error {
  override readonly name = 'WhatIfError'
}
