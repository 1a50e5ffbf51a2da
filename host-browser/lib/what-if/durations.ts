/**
 * What each operator takes when it has the device for itself. Measured groups give it (OP_COMPLETE: device time over
 * some operators), divided among their operators by what their kinds usually take, and by the slow-down that what else
 * was on the device caused. That slow-down, too, is measured: by pairs of phases, from groups of a step that had company
 * and groups that had none.
 */
import { OpClass } from '../../../build/gen/ts/records.ts'
import { PHASES, type Flights } from './flights.ts'
import { Kinds } from './kinds.ts'
import type { Measurement, Programs, StreamProgram } from './program.ts'
import { median } from './quantiles.ts'
import { EVENT_WORDS } from './words.ts'

/** Company for less than this part of the time is none, for more than the other it is company throughout. */
const ALONE = 0.05
const TOGETHER = 0.9
/** Samples of a kind that are kept. */
const SAMPLES = 101
/** Measurements before a slow-down is believed, and bounds of one. */
const SLOWDOWN_ENOUGH = 8
const SLOWDOWN_LEAST = 0.3
const SLOWDOWN_MOST = 8
/** Part of a step's time that is measured before it says anything of the rest. */
const SCALE_ENOUGH = 0.1
/** Where nothing was measured: a kernel as the core first guesses (assembly/model/costs.ts); copies at 25 GB/s. */
const KERNEL_NS = 20_000
const COPY_START_NS = 5_000
const COPY_BYTES_PER_NS = 25
const SMALL_NS = 1_000
const GRAPH_NS = 15_000_000

/** Slow-down of the first phase by the second, by [Phase][Phase]. */
export type Slowdown = number[][]

/** Speed of a stream of a phase, 1 alone; `present` and `same` are parts of the time, or numbers of streams. */
export function slowed(slow: Slowdown, phase: number, present: (other: number) => number, same: number): number {
  let factor = 1 + (slow[phase]![phase]! - 1) * same
  for (let other = 0; other < PHASES; other++) {
    if (other !== phase) factor *= 1 + (slow[phase]![other]! - 1) * present(other)
  }
  return factor
}

/** What is not known of a kind's time. */
function guess(kinds: Kinds, kind: number): number {
  const opClass = kinds.opClass(kind)
  if (opClass === OpClass.KERNEL) return KERNEL_NS
  if (opClass >= OpClass.COPY_H2D && opClass <= OpClass.COPY_D2D)
    return COPY_START_NS + Math.min(kinds.bytes(kind), 2 ** 40) / COPY_BYTES_PER_NS
  if (opClass === OpClass.GRAPH) return GRAPH_NS
  return opClass === OpClass.MEMSET || opClass >= OpClass.COLLECTIVE ? KERNEL_NS : SMALL_NS
}

/** Operators whose device time is waiting, or none. */
const isIdle = (opClass: number): boolean =>
  (opClass >= OpClass.EVENT_RECORD && opClass <= OpClass.CALLBACK) || opClass === OpClass.CALLBACK_BLOCK
const waits = (opClass: number): boolean =>
  opClass === OpClass.EVENT_WAIT ||
  opClass === OpClass.NOTIFY_WAIT ||
  opClass === OpClass.CALLBACK ||
  opClass === OpClass.CALLBACK_BLOCK

interface Group extends Measurement {
  /** Company: streams of the same phase, and by phase the part of the time with any. */
  same: number
  present: number[]
}

/** Groups with company: the time they took, and what they would have taken alone. */
interface Sum {
  count: number
  actual: number
  alone: number
}

/** By [Phase][Phase]. */
const noSums = (): Sum[][] =>
  Array.from({ length: PHASES }, () => Array.from({ length: PHASES }, () => ({ count: 0, actual: 0, alone: 0 })))

export class Durations {
  readonly slowdown: Slowdown = Array.from({ length: PHASES }, (_, a) =>
    Array.from({ length: PHASES }, (_unused, b) => (a === b ? 2 : 1)),
  )
  /** Operators with a measured time. */
  measured = 0
  /** Phases of which nothing was measured alone. */
  readonly neverAlone: number[] = []
  readonly #programs: StreamProgram[]
  readonly #kinds = new Kinds()
  readonly #groups: Group[] = []
  #usual = new Float64Array(0)

  constructor(events: Uint32Array, { programs, measurements }: Programs, flights: Flights, seenNs: number) {
    this.#programs = programs
    for (const p of programs) {
      for (let n = 0; n < p.count; n++) p.kind[n] = this.#kinds.of(events, p.source[n]! * EVENT_WORDS, p.phase)
    }
    for (const m of measurements) {
      const p = programs[m.program]!
      if (this.#waits(p, m)) continue
      const to = m.seen_ns - seenNs
      const from = to - m.device_ns
      const present = Array.from({ length: PHASES }, (_, phase) => flights.presence(phase, from, to))
      this.#groups.push({ ...m, same: Math.max(flights.streams(p.phase, from, to) - 1, 0), present })
    }
    this.#learnUsual()
    this.#learnSlowdown()
    this.#apportion()
  }

  #waits(p: StreamProgram, { from, to }: Measurement): boolean {
    for (let n = from; n < to; n++) if (waits(this.#kinds.opClass(p.kind[n]!))) return true
    return false
  }

  #company(g: Group): number {
    const { phase } = this.#programs[g.program]!
    return g.present.reduce((sum, part, other) => (other === phase ? sum : sum + part), g.same)
  }

  /** What kinds usually take: the median of single operators that were measured, best of those without company. */
  #learnUsual(): void {
    const [alone, any] = [new Map<number, number[]>(), new Map<number, number[]>()]
    for (const g of this.#groups) {
      if (g.to - g.from !== 1 || !g.exact) continue
      const p = this.#programs[g.program]!
      for (const samples of this.#company(g) < ALONE ? [alone, any] : [any]) {
        const of = samples.get(p.kind[g.from]!)
        if (of === undefined) samples.set(p.kind[g.from]!, [g.device_ns])
        else if (of.length < SAMPLES) of.push(g.device_ns)
      }
    }
    this.#usual = Float64Array.from({ length: this.#kinds.count }, (_, kind) => {
      if (isIdle(this.#kinds.opClass(kind))) return 0
      const samples = alone.get(kind) ?? any.get(kind)
      return samples === undefined ? guess(this.#kinds, kind) : median(samples)
    })
  }

  #usualOf(p: StreamProgram, from: number, to: number): number {
    let sum = 0
    for (let n = from; n < to; n++) sum += this.#usual[p.kind[n]!]!
    return sum
  }

  /** Number of the step that an operator is in; groups hardly ever cross one's end. */
  static step(p: StreamProgram, n: number): number {
    let [low, high] = [0, p.boundaries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (p.boundaries[middle]! <= n) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Of groups without company: actual over usual time, by program and step, and by program. */
  #aloneFactors(): { steps: Map<string, number>; programs: Map<number, number> } {
    const steps = new Map<string, [number, number]>()
    const programs = new Map<number, number[]>()
    for (const g of this.#groups) {
      if (!g.exact || this.#company(g) >= ALONE) continue
      const p = this.#programs[g.program]!
      const usual = this.#usualOf(p, g.from, g.to)
      if (usual <= 0) continue
      const key = `${g.program} ${Durations.step(p, g.from)}`
      const [actual, expected] = steps.get(key) ?? [0, 0]
      steps.set(key, [actual + g.device_ns, expected + usual])
      const of = programs.get(g.program)
      if (of === undefined) programs.set(g.program, [g.device_ns / usual])
      else of.push(g.device_ns / usual)
    }
    return {
      steps: new Map([...steps].map(([key, [actual, expected]]) => [key, actual / expected])),
      programs: new Map([...programs].map(([number, ratios]) => [number, median(ratios)])),
    }
  }

  #learnSlowdown(): void {
    const { steps, programs } = this.#aloneFactors()
    const [close, far] = [noSums(), noSums()]
    for (const g of this.#groups) {
      const p = this.#programs[g.program]!
      const { phase } = p
      if (!g.exact) continue
      const others = g.present.map((part, other) => (other === phase ? Math.min(g.same, 1) : part))
      const company = others.findIndex((part) => part > TOGETHER)
      if (company < 0 || others.some((part, other) => other !== company && part > ALONE)) continue
      if (company === phase && g.same > 1 + ALONE) continue
      const usual = this.#usualOf(p, g.from, g.to)
      if (usual <= 0) continue
      const inStep = steps.get(`${g.program} ${Durations.step(p, g.from)}`)
      const factor = inStep ?? programs.get(g.program)
      if (factor === undefined) continue
      const alone = usual * factor
      const ratio = g.device_ns / alone
      if (ratio < SLOWDOWN_LEAST || ratio > SLOWDOWN_MOST) continue
      const sum = (inStep === undefined ? far : close)[phase]![company]!
      sum.count++
      sum.actual += g.device_ns
      sum.alone += alone
    }
    for (let a = 0; a < PHASES; a++) {
      for (let b = 0; b < PHASES; b++) {
        const sum = close[a]![b]!.count >= SLOWDOWN_ENOUGH ? close[a]![b]! : far[a]![b]!
        if (sum.count >= SLOWDOWN_ENOUGH) this.slowdown[a]![b] = Math.max(sum.actual / sum.alone, 1)
      }
    }
    const alone = new Set([...programs.keys()].map((number) => this.#programs[number]!.phase))
    const seen = new Set(this.#groups.map((g) => this.#programs[g.program]!.phase))
    for (const phase of seen) if (!alone.has(phase)) this.neverAlone.push(phase)
  }

  /** Own time of every operator: of the measured ones theirs, of the others by those of their step. */
  #apportion(): void {
    const known = this.#programs.map((p) => new Uint8Array(p.count))
    for (const g of this.#groups) {
      const p = this.#programs[g.program]!
      const usual = this.#usualOf(p, g.from, g.to)
      const factor = slowed(this.slowdown, p.phase, (other) => g.present[other]!, g.same)
      const scale = usual > 0 ? g.device_ns / factor / usual : 0
      for (let n = g.from; n < g.to; n++) {
        p.own[n] = usual > 0 ? this.#usual[p.kind[n]!]! * scale : g.device_ns / factor / (g.to - g.from)
        known[g.program]![n] = 1
      }
    }
    for (const [number, p] of this.#programs.entries()) {
      const is = known[number]!
      const whole = this.#scale(p, is, 0, p.count, 1)
      let from = 0
      for (const to of [...p.boundaries, p.count]) {
        const scale = this.#scale(p, is, from, to, whole)
        for (let n = from; n < to; n++) {
          if (is[n] === 1) this.measured++
          else p.own[n] = p.host.get(n) ?? this.#usual[p.kind[n]!]! * scale
        }
        from = to
      }
    }
  }

  /** Own over usual time of what was measured between two operators. */
  #scale(p: StreamProgram, known: Uint8Array, from: number, to: number, otherwise: number): number {
    let [own, usual, whole] = [0, 0, 0]
    for (let n = from; n < to; n++) {
      whole += this.#usual[p.kind[n]!]!
      if (known[n] === 0) continue
      own += p.own[n]!
      usual += this.#usual[p.kind[n]!]!
    }
    return usual > SCALE_ENOUGH * whole ? own / usual : otherwise
  }
}
