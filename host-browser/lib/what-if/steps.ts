/**
 * The steps of a program: what it issues between two waits for the device. Ends are recorded where it synchronized a
 * stream without credit, or issued after everything before was seen complete; on credit they are put where steps of the
 * program usually end.
 */
import { Rule, type Step, type StreamProgram } from './program.ts'
import { median, mode, quantile } from './quantiles.ts'

/** A pause above this is never a program's own work between two steps (a host of an LLM takes 1 to 20 ms). */
const THINK_MOST_NS = 20_000_000
/** And one below is never a wait for the world outside. */
const THINK_LEAST_NS = 5_000_000
/** Steps with recorded ends before their length is believed. */
const STEPS_ENOUGH = 3

/** Lengths of the steps whose operators are all recorded. */
function lengths(p: StreamProgram): number[] {
  const all: number[] = []
  let from = 0
  for (const to of p.boundaries) {
    if (!isCredited(p, from, to)) all.push(to - from)
    from = to
  }
  return all
}

export function isCredited(p: StreamProgram, from: number, to: number): boolean {
  return p.stretches.some((s) => s.from < to && s.to > from)
}

/** Adds ends where the program issued after everything was complete, and no synchronization says so. */
function addWaits(p: StreamProgram, length: number): void {
  const known = new Set(p.boundaries)
  let last = 0
  const all = [...p.boundaries]
  for (let n = 1; n < p.count; n++) {
    if (known.has(n)) last = n
    else if (p.rule[n] === Rule.AFTER && n - last >= Math.max(1, length >> 1)) {
      all.push(n)
      last = n
    }
  }
  p.boundaries = all.sort((a, b) => a - b)
}

/** Steps usually have `length` operators: cuts what was issued on credit accordingly. */
function addCredited(p: StreamProgram, length: number): void {
  if (length < 2) return
  const all = new Set(p.boundaries)
  let from = 0
  for (const to of [...p.boundaries, p.count]) {
    const whole = to - from
    const steps = to === p.count ? Math.floor(whole / length) : Math.round(whole / length)
    const each = to === p.count ? length : whole / steps
    if (steps > 1 || (to === p.count && steps === 1)) {
      for (let k = 1; k <= steps; k++) {
        const n = from + Math.round(k * each)
        if (n < p.count && (p.credited[n - 1] === 1 || p.credited[n] === 1)) all.add(n)
      }
    }
    from = to
  }
  p.boundaries = [...all].sort((a, b) => a - b)
}

/** Pauses, and which of them are waits for the world outside: those steps arrive. */
function classifyPauses(p: StreamProgram, limit: number, times: (operator: number) => number): void {
  const pauses: number[] = []
  const paces: number[] = []
  for (let n = 1; n < p.count; n++) {
    if (p.rule[n] === Rule.AFTER) pauses.push(p.delay[n]!)
    else if (p.rule[n] === Rule.PACED && p.credited[n] === 0 && paces.length < 100_000) paces.push(p.delay[n]!)
  }
  const usual = quantile(pauses, 0.25)
  p.thinkLimit = limit > 0 ? limit : Math.min(Math.max(4 * (usual || 0), THINK_LEAST_NS), THINK_MOST_NS)
  const own = pauses.filter((pause) => pause <= p.thinkLimit)
  if (own.length > 0) p.think = median(own)
  if (paces.length > 0) p.pace = median(paces)
  for (let n = 1; n < p.count; n++) {
    if (p.rule[n] !== Rule.AFTER || p.delay[n]! <= p.thinkLimit) continue
    p.rule[n] = Rule.ARRIVES
    p.delay[n] = times(n)
  }
}

/** Operators on credit take the place of those of a step that was recorded whole. */
function standIns(p: StreamProgram, isPlain: (source: number) => boolean): void {
  if (p.stretches.length === 0) return
  let template: { from: number; to: number } | undefined
  let from = 0
  for (const to of p.boundaries) {
    if (to - from > (template === undefined ? 0 : template.to - template.from) && !isCredited(p, from, to))
      template = { from, to }
    from = to
  }
  let b = 0
  let start = 0
  let plain = p.source[0]!
  for (let n = 0; n < p.count; n++) {
    while (b < p.boundaries.length && p.boundaries[b]! <= n) start = p.boundaries[b++]!
    if (p.credited[n] === 1) {
      const like = template === undefined ? -1 : template.from + ((n - start) % (template.to - template.from))
      const source = like < 0 ? plain : p.source[like]!
      p.source[n] = isPlain(source) ? source : plain
    }
    if (isPlain(p.source[n]!)) plain = p.source[n]!
  }
}

/** Rules of the operators on credit themselves; those behind a stretch stay open (credit.ts). */
function creditedRules(p: StreamProgram): void {
  const ends = new Set(p.boundaries)
  for (const { from, to } of p.stretches) {
    for (let n = from; n < to; n++) {
      p.rule[n] = ends.has(n) ? Rule.AFTER : Rule.PACED
      p.delay[n] = ends.has(n) ? p.think : p.pace
      if (ends.has(n) && n > 0 && p.sync[n - 1]! < 0) p.sync[n - 1] = p.pace
    }
  }
}

/**
 * Finds the steps and completes the rules. `times`: when an operator was submitted; `isPlain`: whether the operator of
 * an event is about no object and no function of the host.
 */
export function structure(
  p: StreamProgram,
  limit: number,
  times: (operator: number) => number,
  isPlain: (source: number) => boolean,
): void {
  if (p.count === 0) return
  const synced = lengths(p)
  const known = synced.length >= STEPS_ENOUGH ? mode(synced) : 0
  addWaits(p, known)
  const length = known > 0 ? known : mode(lengths(p))
  addCredited(p, length)
  classifyPauses(p, limit, times)
  standIns(p, isPlain)
  creditedRules(p)
}

/** The steps of a program, in order; none where it never waited for the device. */
export function stepsOf(p: StreamProgram, number: number, times: (n: number) => number, seen: Float64Array): Step[] {
  const steps: Step[] = []
  let from = 0
  for (const to of p.boundaries.length === 0 ? [] : [...p.boundaries, p.count]) {
    if (to <= from) continue
    const credited = isCredited(p, from, to)
    steps.push({
      program: number,
      from,
      to,
      phase: p.phaseAt(to - 1),
      begin_ns: credited ? NaN : times(from),
      end_ns: credited ? NaN : seen[to - 1]!,
    })
    from = to
  }
  return steps
}
