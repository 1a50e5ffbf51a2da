/**
 * A small LLM server for the machine: one stream prefills requests as they arrive, one decodes step after step, as the
 * demonstration does it. Both launch kernels of the same names; nothing but their time and launch width differs. The
 * demands on compute and bandwidth are those of the two phases (shared/facts/hardware.md): one bound by the cores, the
 * other by HBM.
 */
import { OpClass, Phase } from '../../build/gen/ts/records.ts'
import { Machine } from './machine.ts'

export interface Serving {
  policy: number
  parameters?: number[]
  /** Requests a second; none: prefill never has work. */
  requests_per_s: number
  /** Time of one prefill on an idle device, ns. */
  prefill_ns?: number
  /** Whether decode has work. */
  decode?: boolean
  /** Tells the core the phases; otherwise it has to find them. */
  hints?: boolean
  seconds: number
  seed?: number
  /** Latest that completion is seen, ns. */
  seen_ns?: number
}

export interface Served {
  machine: Machine
  ttft_ms: number[]
  tpot_ms: number[]
  prefills: number
  steps: number
  prefill: number
  decode: number
}

const KERNELS = 140
const DECODE_KERNEL_NS = 40_000
const ISSUE_NS = 4_000

function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export function serve({
  policy,
  parameters = [],
  requests_per_s,
  prefill_ns = 70_000_000,
  decode = true,
  hints = false,
  seconds,
  seed = 1,
  seen_ns = 300_000,
}: Serving): Served {
  /* Apart, so that the same requests arrive whatever else happens. */
  const [next, jitter, seen] = [random(seed), random(seed + 1), random(seed + 2)]
  const machine = new Machine({ delay: () => seen() * seen_ns })
  machine.setPolicy(policy, ...parameters)
  const [prefillStream, decodeStream] = [machine.addStream(), machine.addStream()]
  const served: Served = {
    machine,
    ttft_ms: [],
    tpot_ms: [],
    prefills: 0,
    steps: 0,
    prefill: prefillStream,
    decode: decodeStream,
  }
  if (hints) {
    machine.send({ kind: 'PHASE_HINT', phase: Phase.PREFILL, source: 1, vnpu: 0 }, prefillStream)
    machine.send({ kind: 'PHASE_HINT', phase: Phase.DECODE, source: 1, vnpu: 0 }, decodeStream)
  }
  const end = seconds * 1e9
  const layer = (stream: number, ns: number, compute: number, bandwidth: number, then: () => void): void => {
    let left = KERNELS
    const issue = (): void => {
      const key = BigInt.asUintN(64, BigInt((left % 10) + 1) * 0x9e3779b97f4a7c15n)
      machine.issue(stream, {
        op_class: OpClass.KERNEL,
        ns,
        compute,
        bandwidth,
        key,
        blocks: ns > 60_000 ? 24 : 8,
      })
      left--
      if (left > 0) machine.at(machine.now + ISSUE_NS, issue)
      else machine.synchronize(stream, then)
    }
    issue()
  }
  const waiting: number[] = []
  let busy = false
  const prefill = (): void => {
    const arrived = waiting.shift()
    busy = arrived !== undefined
    if (arrived === undefined) return
    layer(prefillStream, (prefill_ns / KERNELS) * (0.5 + jitter()), 0.95, 0.25, () => {
      served.ttft_ms.push((machine.now - arrived) / 1e6)
      served.prefills++
      prefill()
    })
  }
  const arrive = (): void => {
    if (machine.now >= end) return
    waiting.push(machine.now)
    if (!busy) prefill()
    machine.at(machine.now + (-Math.log(1 - next()) / requests_per_s) * 1e9, arrive)
  }
  const step = (): void => {
    const begun = machine.now
    if (begun >= end) return
    layer(decodeStream, DECODE_KERNEL_NS, 0.15, 0.85, () => {
      served.tpot_ms.push((machine.now - begun) / 1e6)
      served.steps++
      machine.at(machine.now + 500_000, step)
    })
  }
  if (requests_per_s > 0) machine.at(1_000_000, arrive)
  if (decode) machine.at(0, step)
  machine.run(end)
  return served
}

/** The value below which `part` of all values are. */
export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
  if (value === undefined) throw new RangeError('no values')
  return value
}
