/**
 * What if the policy were another? Runs the programs of a recording again, around the same core, on a device that takes
 * the time that was recorded. Pure computation: the same input gives the same result, bit for bit, in Node and in a
 * browser's worker.
 *
 * What is assumed:
 * - A program issues as it did: operators of a step at their recorded distances; a step after the one before it was seen
 *   complete and the program's own pause, where the recording shows that it waited (STREAM_SYNC, or an operator issued
 *   when all before it were complete). A pause above four usual ones (5 to 20 ms) is a wait for the world outside: that
 *   step arrives at its recorded time, or later where the device is late. Programs on different streams do not wait for
 *   one another but through events and notifies; work is batched as it was. A notify's record that is not in the
 *   recording comes when the wait for it ended.
 * - An operator takes its recorded device time; where a marker covered several, they share it as their kinds usually
 *   take; what was not measured takes what its kind takes in its step.
 * - Operators of a stream run in order, those of different streams at once. What ran together is slower, by a factor for
 *   each pair of phases that is measured in the recording (streams of one phase: half the speed where it is not).
 * - Of operators on credit the recording holds the number only. They are taken to continue the steps of their stream, at
 *   its usual pace; steps with such operators are run, but not measured.
 * - Completion is seen `seen_ns` late, as the hosts look for it at times.
 */
import { EventKind } from '../../../build/gen/ts/records.ts'
import { settleStretches } from './credit.ts'
import { firstDifference } from './difference.ts'
import { Durations } from './durations.ts'
import type { Flights } from './flights.ts'
import { Machine } from './machine.ts'
import { metricsOf, type Totals } from './metrics.ts'
import { isPlain, Rule, type Programs, type Step } from './program.ts'
import { recover } from './recover.ts'
import { stepsOf, structure } from './steps.ts'
import {
  ASSUMPTIONS,
  WhatIfError,
  type Assumptions,
  type Metrics,
  type RecordedRun,
  type Recovered,
  type Steps,
  type WhatIfCore,
  type WhatIfRequest,
  type WhatIfResult,
} from './types.ts'
import { settleUnseen } from './unseen.ts'
import { EVENT_WORDS, timeOf, wordsOf } from './words.ts'

export * from './types.ts'

/** A policy and its parameters. */
interface Policy {
  policy: number
  parameters: bigint[]
}

const asParameters = (values: readonly (bigint | number)[]): bigint[] =>
  Array.from({ length: 4 }, (_, i) => BigInt(values[i] ?? 0))

/** Whether the device is there before the first stream: otherwise what came before is missing. */
function beginsWithDevice(events: Uint32Array): boolean {
  for (let at = 0; at < events.length; at += EVENT_WORDS) {
    const kind = events[at]! & 0xffff
    if (kind === EventKind.DEVICE_ADD) return true
    if (kind === EventKind.STREAM_ADD || kind === EventKind.OP_SUBMIT) return false
  }
  return false
}

/** A recording whose programs are recovered: may be run under any number of policies. */
export class WhatIf {
  readonly recovered: Recovered
  readonly notes: string[] = []
  /** The policy that the recording first sets. */
  readonly recordedPolicy: Policy
  readonly #events: Uint32Array
  readonly #decisions: Uint32Array
  readonly #programs: Programs & { flights: Flights; completions: Float64Array[] }
  readonly #durations: Durations
  readonly #steps: Step[]
  readonly #firstSteps: Uint32Array
  readonly #assumptions: Assumptions

  /** Recovers the programs of a recording. Throws WhatIfError where it does not begin at its beginning. */
  constructor(run: RecordedRun, assumptions: Partial<Assumptions> = {}) {
    this.#assumptions = { ...ASSUMPTIONS, ...assumptions }
    const events = (this.#events = wordsOf(run.events))
    this.#decisions = wordsOf(run.decisions)
    const programs = (this.#programs = recover(run, this.#assumptions.seen_ns))
    if (!beginsWithDevice(events)) throw new WhatIfError('the recording begins in the middle of a run')
    if (programs.programs.length === 0) throw new WhatIfError('the recording has no stream')
    const plain = (source: number): boolean => isPlain(events[source * EVENT_WORDS + 4]! & 0xffff)
    const times = programs.programs.map(
      (p) =>
        (n: number): number =>
          timeOf(events, p.source[n]! * EVENT_WORDS),
    )
    for (const [i, p] of programs.programs.entries()) structure(p, this.#assumptions.think_limit_ns, times[i]!, plain)
    this.#durations = new Durations(events, programs, programs.flights, this.#assumptions.seen_ns)
    for (const [i, p] of programs.programs.entries()) settleStretches(p, times[i]!)
    settleUnseen(events, programs, times, this.#assumptions.seen_ns)
    const of = programs.programs.map((p, i) => stepsOf(p, i, times[i]!, programs.completions[i]!))
    this.#steps = of.flat()
    this.#firstSteps = new Uint32Array(of.length + 1)
    for (const [i, steps] of of.entries()) this.#firstSteps[i + 1] = this.#firstSteps[i]! + steps.length
    this.recordedPolicy = this.#policy()
    this.recovered = this.#recovered()
    this.#note()
  }

  #policy(): Policy {
    const { policySet } = this.#programs
    if (policySet < 0) return { policy: 0, parameters: asParameters([]) }
    const at = policySet * EVENT_WORDS
    const parameter = (i: number): bigint =>
      BigInt(this.#events[at + 6 + 2 * i]!) | (BigInt(this.#events[at + 7 + 2 * i]!) << 32n)
    return { policy: this.#events[at + 4]!, parameters: [0, 1, 2, 3].map(parameter) }
  }

  #recovered(): Recovered {
    const { programs } = this.#programs
    return {
      operators: programs.reduce((sum, p) => sum + p.count, 0),
      on_credit: programs.reduce((sum, p) => sum + p.stretches.reduce((n, s) => n + s.to - s.from, 0), 0),
      measured: this.#durations.measured,
      streams: programs.length,
      slowdown: this.#durations.slowdown,
    }
  }

  #note(): void {
    const { operators, on_credit, measured } = this.recovered
    const share = (n: number): string => `${Math.round((100 * n) / Math.max(operators, 1))} %`
    if (on_credit > 0) {
      const what = `${share(on_credit)} of the operators were issued on credit: the recording holds their number only.`
      this.notes.push(`${what} Steps with such operators are run, but not measured.`)
    }
    if (measured * 4 < operators)
      this.notes.push(`Device time was measured of ${share(measured)} of the operators only.`)
    if (this.#durations.neverAlone.length > 0) {
      this.notes.push(
        'Some phase was never alone on the device: what company costs it is not known, and taken as none.',
      )
    }
    if (this.#programs.openGrants > 0)
      this.notes.push('A stream had credit when the recording ended: what it issued on that is not recorded at all.')
    const policies = this.#programs.policySet < 0 ? 0 : this.#policyChanges()
    if (policies > 0) this.notes.push(`The recording changes its policy ${policies} times; the new run does not.`)
  }

  #policyChanges(): number {
    let changes = -1
    for (let at = 0; at < this.#events.length; at += EVENT_WORDS)
      if ((this.#events[at]! & 0xffff) === EventKind.POLICY_SET) changes++
    return changes
  }

  #emptySteps(): Steps {
    const steps = this.#steps
    const { programs } = this.#programs
    const column = (value: (s: Step) => number): Float64Array => Float64Array.from(steps, value)
    return {
      count: steps.length,
      stream: Uint32Array.from(steps, (s) => programs[s.program]!.stream),
      phase: Uint8Array.from(steps, (s) => s.phase),
      first_seq: column((s) => s.from + 1),
      last_seq: column((s) => s.to),
      arrives: Uint8Array.from(steps, (s) => (programs[s.program]!.rule[s.from] === Rule.ARRIVES ? 1 : 0)),
      recorded_begin_ns: column((s) => s.begin_ns),
      recorded_end_ns: column((s) => s.end_ns),
      begin_ns: new Float64Array(steps.length).fill(NaN),
      end_ns: new Float64Array(steps.length).fill(NaN),
    }
  }

  #recordedTotals(): Totals {
    const { programs, completions, flights, first_ns, last_ns } = this.#programs
    const completed = [0, 0, 0, 0]
    for (const [i, p] of programs.entries())
      for (const seen of completions[i]!) if (seen === seen) completed[p.phase]!++
    const onCredit = programs.reduce(
      (sum, p) =>
        p.stretches.reduce((n, s) => {
          let own = 0
          for (let i = s.from; i < s.to; i++) own += p.own[i]!
          return n + Math.min(own, s.settled_ns - s.granted_ns)
        }, sum),
      0,
    )
    return {
      completed,
      first_ns,
      last_ns,
      busy_ns: flights.busy(last_ns) + onCredit,
      events: this.#events.length / EVENT_WORDS,
      decisions: this.#decisions.length / 8,
    }
  }

  #machine(core: WhatIfCore, { policy, parameters }: Policy, progress: (part: number) => void): [Machine, Steps] {
    const steps = this.#emptySteps()
    const machine = new Machine({
      core,
      events: this.#events,
      programs: this.#programs,
      slowdown: this.#durations.slowdown,
      steps,
      firstSteps: this.#firstSteps,
      seen_ns: this.#assumptions.seen_ns,
      policy,
      parameters,
      progress,
    })
    machine.run()
    return [machine, steps]
  }

  #metrics(machine: Machine, steps: Steps): Metrics {
    const { completed, first_ns, last_ns, busy_ns, feeder } = machine
    const { events, decisions } = feeder
    const totals = { completed, first_ns, last_ns, busy_ns, events: events.count, decisions: decisions.count }
    return metricsOf(steps, steps.begin_ns, steps.end_ns, totals)
  }

  /** Runs under a policy. `core` is used for the time of the call, and reset. */
  run(core: WhatIfCore, request: Omit<WhatIfRequest, 'assumptions'>): WhatIfResult {
    const parts = request.model === true ? 2 : 1
    const progress = (done: number) => (part: number) => request.progress?.((done + part) / parts)
    const asked = { policy: request.policy, parameters: asParameters(request.parameters ?? []) }
    const [machine, steps] = this.#machine(core, asked, progress(0))
    const events = machine.feeder.events.bytes()
    const decisions = machine.feeder.decisions.bytes()
    const model = request.model === true ? this.#machine(core, this.recordedPolicy, progress(1)) : undefined
    return {
      policy: asked.policy,
      parameters: asked.parameters.map(String),
      recorded_policy: this.recordedPolicy.policy,
      recorded: metricsOf(steps, steps.recorded_begin_ns, steps.recorded_end_ns, this.#recordedTotals()),
      model: model === undefined ? null : this.#metrics(...model),
      whatif: this.#metrics(machine, steps),
      first_difference: firstDifference(
        { events: this.#events, decisions: this.#decisions },
        { events: wordsOf(events), decisions: wordsOf(decisions) },
      ),
      run: { events, decisions },
      steps,
      recovered: this.recovered,
      notes: [...this.notes, ...machine.notes],
    }
  }
}

/** One question about one recording. */
export function whatIf(run: RecordedRun, core: WhatIfCore, request: WhatIfRequest): WhatIfResult {
  return new WhatIf(run, request.assumptions).run(core, request)
}
