/**
 * Reads the programs out of a recording, in two passes over its events: one counts, one fills. What an operator was is
 * in its OP_SUBMIT; of operators on credit there is only their number, in CREDIT_USED.
 */
import { DecisionFlag, DecisionKind, EventKind, NONE, OpClass } from '../../../build/gen/ts/records.ts'
import { Flights } from './flights.ts'
import { Rule, StreamProgram, type Measurement, type Programs } from './program.ts'
import { WhatIfError, type RecordedRun } from './types.ts'
import { DECISION_WORDS, EVENT_WORDS, timeOf, u64, wordsOf } from './words.ts'

/** The host's time counts where operators take this much longer than it takes to see them complete. */
const HOST_TIME_FACTOR = 10

/** More operators than any recording holds. */
const MOST_OPERATORS = 1 << 25

const isHost = (opClass: number): boolean => opClass === OpClass.CALLBACK || opClass === OpClass.CALLBACK_BLOCK
const isAboutObject = (opClass: number): boolean => opClass >= OpClass.EVENT_RECORD && opClass <= OpClass.NOTIFY_WAIT

/** What is known of a stream while its events go by. */
interface Reading {
  program: StreamProgram
  number: number
  /** Operators so far. */
  issued: number
  issuedAt: number
  completed: number
  completedAt: number
  dispatched: number
  /** When the first operator that is not complete was handed over. */
  handedAt: number
  inFlight: boolean
  granted: number
  grantedAt: number
  syncs: number
  /** Operators before the last synchronization that was recorded. */
  synced: number
  /** When functions of the host were handed over. */
  hosts: Map<number, number>
}

/** The programs, with where operators of each phase were on the device. Throws WhatIfError. */
export function recover(
  run: RecordedRun,
  seenNs: number,
): Programs & { flights: Flights; completions: Float64Array[] } {
  const events = wordsOf(run.events)
  const decisions = wordsOf(run.decisions)
  const { lives, phases } = count(events, decisions)
  return new Recovery(events, decisions, lives, phases, run.json, seenNs).read()
}

/** Pass 1: operators of every stream, by the index of its STREAM_ADD, and the phase it was believed to run last. */
function count(
  events: Uint32Array,
  decisions: Uint32Array,
): { lives: Map<number, number>; phases: Map<number, number> } {
  const lives = new Map<number, number>()
  const phases = new Map<number, number>()
  const current = new Map<number, number>()
  let total = 0
  let d = 0
  for (let at = 0, i = 0; at < events.length; at += EVENT_WORDS, i++) {
    const kind = events[at]! & 0xffff
    const stream = events[at + 1]!
    if (kind === EventKind.OP_SUBMIT || kind === EventKind.CREDIT_USED) {
      const life = current.get(stream)
      const n = kind === EventKind.OP_SUBMIT ? 1 : u64(events, at + 4)
      total += n
      if (total > MOST_OPERATORS) throw new WhatIfError(`more than ${MOST_OPERATORS} operators`)
      if (life !== undefined) lives.set(life, lives.get(life)! + n)
    } else if (kind === EventKind.STREAM_ADD) {
      current.set(stream, i)
      lives.set(i, 0)
    }
    for (; d < decisions.length && u64(decisions, d + 6) <= i + 1; d += DECISION_WORDS) {
      if ((decisions[d]! & 0xff) !== DecisionKind.PHASE) continue
      const life = current.get(decisions[d + 1]!)
      if (life !== undefined) phases.set(life, decisions[d + 2]!)
    }
  }
  return { lives, phases }
}

class Recovery {
  readonly #events: Uint32Array
  readonly #decisions: Uint32Array
  readonly #lives: Map<number, number>
  readonly #phases: Map<number, number>
  readonly #streams = new Map<number, Reading>()
  readonly #devices = new Map<number, number>()
  readonly #objects = new Map<number, number>()
  readonly #measurements: Measurement[] = []
  readonly #flights = new Flights()
  /** By program: time at which each operator was seen complete. */
  readonly #completions: Float64Array[] = []
  readonly #programs: Programs
  readonly #seenNs: number

  constructor(
    events: Uint32Array,
    decisions: Uint32Array,
    lives: Map<number, number>,
    phases: Map<number, number>,
    json: unknown,
    seenNs: number,
  ) {
    this.#seenNs = seenNs
    this.#events = events
    this.#decisions = decisions
    this.#lives = lives
    this.#phases = phases
    this.#programs = {
      byDaemon: (json as { host?: unknown } | null)?.host === 'daemon',
      programs: [],
      objects: [],
      measurements: this.#measurements,
      admin: [],
      policySet: -1,
      openGrants: 0,
      first_ns: NaN,
      last_ns: NaN,
    }
  }

  /** Pass 2. */
  read(): Programs & { flights: Flights; completions: Float64Array[] } {
    const [events, decisions] = [this.#events, this.#decisions]
    let d = 0
    for (let at = 0, i = 0; at < events.length; at += EVENT_WORDS, i++) {
      const refused = this.#refused(d, i + 1)
      if (!refused) this.#event(at, i)
      for (; d < decisions.length && u64(decisions, d + 6) <= i + 1; d += DECISION_WORDS) {
        if (u64(decisions, d + 6) === i + 1) this.#decision(d, timeOf(events, at))
      }
    }
    for (const s of this.#streams.values()) if (s.granted > 0) this.#programs.openGrants++
    return { ...this.#programs, flights: this.#flights, completions: this.#completions }
  }

  /** Whether the core refused the event: then it was none. */
  #refused(d: number, seq: number): boolean {
    const decisions = this.#decisions
    for (let at = d; at < decisions.length && u64(decisions, at + 6) <= seq; at += DECISION_WORDS) {
      if (u64(decisions, at + 6) === seq && (decisions[at]! & 0xff) === DecisionKind.FAULT) return true
    }
    return false
  }

  #event(at: number, i: number): void {
    const events = this.#events
    const kind = events[at]! & 0xffff
    const s = this.#streams.get(events[at + 1]!)
    if (kind === EventKind.OP_SUBMIT) return s === undefined ? undefined : this.#submit(s, at, i)
    if (kind === EventKind.OP_COMPLETE) return s === undefined ? undefined : this.#complete(s, at)
    if (kind === EventKind.CREDIT_USED) return s === undefined ? undefined : this.#used(s, at)
    if (kind === EventKind.STREAM_SYNC) return s === undefined ? undefined : this.#sync(s, at)
    if (kind === EventKind.TICK) return
    if (kind === EventKind.POLICY_SET) {
      if (this.#programs.policySet < 0) this.#programs.policySet = i
      else return
    } else if (kind === EventKind.VNPU_ADD) this.#devices.set(events[at + 4]!, events[at + 6]!)
    else if (kind === EventKind.STREAM_ADD) this.#add(at, i)
    else if (kind === EventKind.STREAM_REMOVE) {
      if (s === undefined) return
      this.#remove(s, at, i)
    } else if (kind === EventKind.SYNC_REMOVE) return this.#removeObject(at)
    this.#programs.admin.push(i)
  }

  #add(at: number, i: number): void {
    const stream = this.#events[at + 1]!
    const vnpu = this.#events[at + 4]!
    const program = new StreamProgram(stream, this.#devices.get(vnpu) ?? 0, vnpu, i, this.#lives.get(i) ?? 0)
    program.phase = this.#phases.get(i) ?? 0
    this.#streams.set(stream, {
      program,
      number: this.#programs.programs.push(program) - 1,
      issued: 0,
      issuedAt: 0,
      completed: 0,
      completedAt: 0,
      dispatched: 0,
      handedAt: 0,

      inFlight: false,
      granted: 0,
      grantedAt: 0,
      syncs: 0,
      synced: 0,
      hosts: new Map(),
    })
    this.#completions.push(new Float64Array(program.count).fill(NaN))
  }

  #remove(s: Reading, at: number, i: number): void {
    s.program.removed = i
    if (s.inFlight) this.#flights.change(s.program.phase, -1, timeOf(this.#events, at))
    this.#streams.delete(s.program.stream)
  }

  #submit(s: Reading, at: number, i: number): void {
    const { program } = s
    const n = s.issued
    const now = timeOf(this.#events, at)
    if (n >= program.count) return
    program.source[n] = i
    if (n === 0) this.#rule(s, Rule.ARRIVES, now)
    else if (program.credited[n - 1] === 1) this.#rule(s, Rule.OPEN, now)
    else if (s.completed >= n) this.#rule(s, Rule.AFTER, now - s.completedAt)
    else this.#rule(s, Rule.PACED, now - s.issuedAt)
    const opClass = this.#events[at + 4]! & 0xffff
    if (isAboutObject(opClass)) this.#use(program, n, this.#events[at + 5]!)
    s.issued++
    s.issuedAt = now
    if (!(this.#programs.first_ns <= now)) this.#programs.first_ns = now
  }

  #rule(s: Reading, rule: number, delay: number): void {
    s.program.rule[s.issued] = rule
    s.program.delay[s.issued] = Math.max(delay, 0)
  }

  #use(program: StreamProgram, n: number, number: number): void {
    if (number === NONE) return
    let object = this.#objects.get(number)
    if (object === undefined) {
      object = this.#programs.objects.push({ number, uses: 0, removed_ns: -1, unseen_ns: [] }) - 1
      this.#objects.set(number, object)
    }
    this.#programs.objects[object]!.uses++
    program.objects.set(n, object)
  }

  #removeObject(at: number): void {
    const number = this.#events[at + 4]!
    const object = this.#objects.get(number)
    if (object === undefined) return
    this.#programs.objects[object]!.removed_ns = timeOf(this.#events, at)
    this.#objects.delete(number)
  }

  #used(s: Reading, at: number): void {
    const { program } = s
    const used = Math.min(u64(this.#events, at + 4), program.count - s.issued)
    const now = timeOf(this.#events, at)
    const from = s.issued
    if (used > 0) {
      const exhausted = used >= s.granted
      program.stretches.push({
        from,
        to: from + used,
        granted_ns: s.grantedAt,
        settled_ns: now,
        exhausted,
        syncs: s.syncs,
      })
      program.credited.fill(1, from, from + used)
      s.issued += used
      s.issuedAt = now
      if (s.dispatched === s.completed) s.handedAt = now
      s.dispatched += used
      this.#flight(s, now)
    }
    s.granted = 0
    s.syncs = 0
  }

  #sync(s: Reading, at: number): void {
    if (s.granted > 0) {
      s.syncs++
      return
    }
    const n = s.issued
    if (n === 0 || n === s.synced) return
    s.synced = n
    s.program.boundaries.push(n)
    s.program.sync[n - 1] = Math.max(timeOf(this.#events, at) - s.issuedAt, 0)
  }

  #complete(s: Reading, at: number): void {
    const events = this.#events
    const now = timeOf(events, at)
    const seq = Math.min(u64(events, at + 4), s.issued)
    const deviceNs = u64(events, at + 6)
    const covers = events[at + 10]!
    if (covers > 0 && covers <= seq) this.#measure(s, seq - covers, seq, deviceNs, now)
    if (seq <= s.completed) return
    this.#completions[s.number]!.fill(now, s.completed, seq)
    for (const [n, since] of s.hosts) {
      if (n >= seq) continue
      s.program.host.set(n, Math.max(now - Math.max(since, s.completedAt), 0))
      s.hosts.delete(n)
    }
    s.completed = seq
    s.completedAt = now
    if (!(this.#programs.last_ns >= now)) this.#programs.last_ns = now
    this.#flight(s, now)
  }

  #measure(s: Reading, from: number, to: number, deviceNs: number, now: number): void {
    const measured = { program: s.number, from, to, seen_ns: now }
    if (deviceNs > 0) {
      this.#measurements.push({ ...measured, device_ns: deviceNs, exact: true })
      return
    }
    /* Of a stream that had nothing on the device before them, from when they were handed over. */
    if (s.completed !== from) return
    const ns = now - Math.max(s.handedAt, s.completedAt)
    if (ns < HOST_TIME_FACTOR * this.#seenNs * (to - from)) return
    this.#measurements.push({ ...measured, device_ns: ns - this.#seenNs, exact: false })
  }

  #decision(d: number, now: number): void {
    const decisions = this.#decisions
    const kind = decisions[d]! & 0xff
    const s = this.#streams.get(decisions[d + 1]!)
    if (s === undefined) return
    if (kind === DecisionKind.PHASE) {
      s.program.phases.push([s.issued, decisions[d + 2]!])
      return
    }
    if (kind !== DecisionKind.DISPATCH) return
    const n = decisions[d + 2]!
    if (((decisions[d]! >>> 8) & 0xff & DecisionFlag.CREDIT) !== 0) {
      s.granted = n
      s.grantedAt = now
      return
    }
    const last = s.dispatched + n - 1
    if (n > 0 && last < s.issued && s.program.credited[last] === 0) {
      const opClass = s.program.opClass(this.#events, last)
      if (isHost(opClass)) s.hosts.set(last, now)
    }
    if (n > 0 && s.dispatched === s.completed) s.handedAt = now
    s.dispatched += n
    this.#flight(s, now)
  }

  #flight(s: Reading, now: number): void {
    const is = s.dispatched > s.completed
    if (is === s.inFlight) return
    s.inFlight = is
    this.#flights.change(s.program.phase, is ? 1 : -1, now)
  }
}
