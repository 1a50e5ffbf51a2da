/**
 * What the timeline shows, gathered in one pass over events and the decisions they led to: when each stream, tenant and
 * device was at work on what phase, when streams waited, how figures went. It knows what the host knows (what was
 * submitted, decided and seen complete), so a span is the time an operator group was on the device or in its queue.
 *
 * An event that was refused (FAULT) changed nothing in the core and changes nothing here.
 */
import { DecisionFlag, DecisionKind, EventKind, limits, Phase, PolicyId } from '../../build/gen/ts/records.ts'
import type { CoreFigures } from '../../host-node/core/figures.ts'
import { CounterKind, seriesId, TrackKind, trackId, type Delta } from './deltas.ts'
import { CREDIT_BIT } from './phases.ts'
import { Group } from './group.ts'
import { StreamRow, type Queue, type StreamPlace } from './stream-row.ts'
import { TenantService } from './tenant-service.ts'
import { TopologyWriter } from './topology.ts'
import { CounterWriter, DecisionWriter, LongestWaits, SpanWriter, StepWriter } from './writers.ts'

const EVENT_WORDS = 16
const DECISION_WORDS = 8
const HIGH = 0x1_0000_0000
const STREAMS = limits.MAX_STREAMS
const PHASES = 4
/** Activity is counted by phase, and on credit beside them. */
const KINDS = PHASES + 1
const NO_STREAM = 0xffff

const u64 = (words: Uint32Array, at: number): number => words[at]! + words[at + 1]! * HIGH

export class Activity {
  /** By number; those that were added. */
  readonly #streams: (StreamRow | undefined)[] = []
  readonly #spans = new Map<number, SpanWriter>()
  readonly #devices = new Map<number, Group>()
  readonly #tenants = new Map<number, Group>()
  readonly #service = new TenantService()
  /** By device. */
  readonly #queues = new Map<number, readonly Queue[]>()
  /** By seriesId. */
  readonly #counters: CounterWriter[] = []
  readonly #decisions = new DecisionWriter()
  readonly #steps = new StepWriter()
  readonly #waits = new LongestWaits()
  readonly #held = new Map<number, number>()
  /** Who is there, and what it is called. */
  readonly topology = new TopologyWriter()
  /** Events of the run before the first of these. */
  #before = 0
  #events = 0
  #decided = 0
  #first = -1
  #now = 0

  /** Takes in events and what they led to; both as words of whole records. */
  walk(events: Uint32Array, decisions: Uint32Array): void {
    const decided = decisions.length
    let d = 0
    for (let e = 0; e < events.length; e += EVENT_WORDS) {
      const seq = ++this.#events
      const kind = events[e]! & 0xffff
      const s = this.#streams[events[e + 1]!]
      const time = u64(events, e + 2)
      /** Of an event's number the low half tells: there are not that many here. */
      const number = (seq + this.#before) >>> 0
      const has = d < decided && decisions[d + 6] === number
      if (!(has && (decisions[d]! & 0xff) === DecisionKind.FAULT)) {
        this.#now = time
        if (this.#first < 0) this.#first = time
        if (kind === EventKind.OP_SUBMIT) submit(s, u64(events, e + 12), time)
        else if (kind === EventKind.OP_COMPLETE) {
          if (s !== undefined) this.#complete(s, u64(events, e + 4), u64(events, e + 6), events[e + 10]!, time, seq)
        } else if (kind !== EventKind.TICK && kind !== EventKind.STREAM_SYNC) this.#other(kind, events, e, time, seq)
      }
      for (; d < decided && decisions[d + 6] === number; d += DECISION_WORDS)
        this.#decision(events, e, decisions, d, seq)
      s?.waitsFrom(time)
    }
    this.#decided += decided / DECISION_WORDS
  }

  /** The recording begins in the middle of a run, after so many events, with the core as it says. */
  begin(before: number, f: CoreFigures): void {
    this.#before = before
    this.#now = Number(f.now_ns())
    this.topology.begin(f)
    for (const device of this.topology.devices) {
      this.#counter(device, CounterKind.SHARE).set(this.#now, f.device_decode_share(device) / 10)
      const held = this.topology.heldOn(device, f)
      this.#held.set(device, held)
      this.#counter(device, CounterKind.HBM).set(this.#now, held / 2 ** 30)
    }
    for (let s = 0; s < STREAMS; s++) if (f.stream_exists(s) !== 0) this.#beginStream(s, f)
  }

  #beginStream(number: number, f: CoreFigures): void {
    const s = this.#streamAdd(number, f.stream_vnpu(number))
    s.phase = f.stream_phase(number)
    s.submitted = Number(f.stream_submitted(number))
    s.dispatched = Number(f.stream_dispatched(number))
    s.completed = Number(f.stream_completed(number))
    s.onCredit = f.stream_credit(number) > 0n
    if (f.stream_queued(number) > 0) s.queue(f.stream_queued(number), this.#now)
    this.#recount(s, this.#now, 0)
    s.waitsFrom(this.#now)
  }

  /** Rows since the last time; `all` closes what is under way, as at the end of the recording. */
  take(all: boolean): Delta {
    if (all) this.#close()
    const spans = [...this.#spans].filter(([, s]) => s.length > 0).map(([track, s]) => ({ track, rows: s.take() }))
    const counters = Object.entries(this.#counters).map(([series, c]) => ({
      series: Number(series),
      rows: c.take(all),
    }))
    const tenant_ns = this.#service.list()
    const topology = this.topology.take()
    return {
      events: this.#events,
      decisions: this.#decided,
      first_ns: Math.max(this.#first, 0),
      last_ns: this.#now,
      spans,
      decided: this.#decisions.take(),
      counters: counters.filter(({ rows }) => rows.time.length > 0),
      steps: this.#steps.take(),
      waits: this.#waits.list(),
      tenant_ns,
      ...(topology && { topology }),
    }
  }

  #complete(s: StreamRow, seq: number, device_ns: number, count: number, time: number, event: number): void {
    const done = seq - s.completed
    s.completed = seq
    if (s.counted !== 0 && !s.onCredit && done > 0) {
      const exact = device_ns > 0 && count === done
      const start = exact ? Math.max(s.since, time - device_ns) : s.since
      if (time > start) s.runs.add(start, time, 1 << s.phase, event)
      s.since = time
    }
    this.#recount(s, time, event)
    if (seq >= s.submitted && !s.onCredit) this.#endStep(s, time)
  }

  #endStep(s: StreamRow, time: number): void {
    const start = s.stepSince
    if (start < 0) return
    this.#steps.add(s.number, s.phase, start, time - start, s.stepEnd < 0 ? 0 : time - s.stepEnd)
    s.stepEnd = time
    s.stepSince = -1
  }

  #decision(events: Uint32Array, e: number, decisions: Uint32Array, d: number, seq: number): void {
    const kind = decisions[d]! & 0xff
    const flags = (decisions[d]! >>> 8) & 0xff
    const rule = decisions[d]! >>> 16
    const subject = decisions[d + 1]!
    const count = decisions[d + 2]!
    const time = this.#now
    const ofStream =
      kind !== DecisionKind.ADMIT && kind !== DecisionKind.DENY && kind !== DecisionKind.SHARE && subject < STREAMS
    this.#decisions.add(time, kind, rule, ofStream ? subject : NO_STREAM)
    const s = ofStream ? this.#streams[subject] : undefined
    if (kind === DecisionKind.DISPATCH) {
      if (s !== undefined) this.#dispatch(s, flags, count, rule, time, seq)
    } else if (kind === DecisionKind.PHASE && s !== undefined) this.#setPhase(s, count, time, seq)
    else if (kind === DecisionKind.SHARE)
      this.#counter(decisions[d + 3]! & 0xffff, CounterKind.SHARE).set(time, count / 10)
    else if (kind === DecisionKind.ADMIT) this.#memory(subject, u64(events, e + 6), time)
  }

  #dispatch(s: StreamRow, flags: number, count: number, rule: number, time: number, seq: number): void {
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      flush(s, time, seq)
      s.onCredit = true
      if (s.stepSince < 0) s.stepSince = time
      this.#recount(s, time, seq)
      return
    }
    if (count === 0) return
    if (s.headSince >= 0) this.#waits.add(s.number, s.phase, s.headSince, time, seq, rule)
    s.dispatched += count
    s.queue(-count, time)
    const left = s.submitted > s.dispatched
    s.headSince = left ? time : -1
    if (!left) s.endWait(time, seq)
    this.#recount(s, time, seq)
  }

  /** Brings into line what a stream counts as: nothing, at work on a phase, or on credit. */
  #recount(s: StreamRow, time: number, event: number): void {
    const is = s.onCredit ? 1 + PHASES : s.dispatched > s.completed ? 1 + s.phase : 0
    const was = s.counted
    if (is === was) return
    const { onDevice, ofTenant, time: tenantTime } = s.place
    if (was === 0) {
      s.since = time
      tenantTime.change(1, time)
    }
    if (is !== 0) {
      onDevice.change(is - 1, 1, time, event)
      ofTenant.change(is - 1, 1, time, event)
    } else tenantTime.change(-1, time)
    if (was !== 0) {
      onDevice.change(was - 1, -1, time, event)
      ofTenant.change(was - 1, -1, time, event)
    }
    s.counted = is
  }

  #setPhase(s: StreamRow, phase: number, time: number, event: number): void {
    if (phase >= PHASES) return
    flush(s, time, event)
    const queued = s.submitted - s.dispatched
    if (queued > 0) s.queue(-queued, time)
    s.phase = phase
    if (queued > 0) s.queue(queued, time)
    this.#recount(s, time, event)
  }

  #memory(vnpu: number, bytes: number, time: number): void {
    const device = this.topology.vnpus.get(vnpu)?.device
    if (device === undefined) return
    const held = Math.max((this.#held.get(device) ?? 0) + bytes, 0)
    this.#held.set(device, held)
    this.#counter(device, CounterKind.HBM).set(time, held / 2 ** 30)
  }

  /** Events that are rare. */
  #other(kind: number, words: Uint32Array, e: number, time: number, seq: number): void {
    const number = words[e + 1]!
    const s = this.#streams[number]
    if (kind === EventKind.CREDIT_USED) {
      if (s === undefined) return
      const count = u64(words, e + 4)
      flush(s, time, seq)
      s.onCredit = false
      s.submitted += count
      s.dispatched += count
      this.#recount(s, time, seq)
      if (s.completed >= s.submitted) this.#endStep(s, time)
    } else if (kind === EventKind.MEM_FREE) this.#memory(words[e + 6]!, -u64(words, e + 4), time)
    else if (kind === EventKind.TELEMETRY) {
      this.#counter(words[e + 4]!, CounterKind.COMPUTE).set(time, words[e + 5]! / 10)
      this.#counter(words[e + 4]!, CounterKind.BANDWIDTH).set(time, words[e + 6]! / 10)
    } else if (kind === EventKind.STREAM_ADD && number < STREAMS) this.#streamAdd(number, words[e + 4]!)
    else if (kind === EventKind.STREAM_REMOVE) {
      if (s !== undefined) this.#streamRemove(s, time, seq)
    } else if (kind === EventKind.DEVICE_ADD) {
      this.#streamsRemove((place) => place.device === words[e + 4], time, seq)
      this.topology.device(words[e + 4]!, words[e + 5]!)
    } else if (kind === EventKind.VNPU_ADD)
      this.topology.vnpus.set(words[e + 4]!, { tenant: words[e + 5]!, device: words[e + 6]! })
    else if (kind === EventKind.TENANT_SET) this.topology.tenant(words[e + 4]!, words[e + 5]!, u64(words, e + 8))
    else if (kind === EventKind.DEVICE_REMOVE) this.#streamsRemove((place) => place.device === words[e + 4], time, seq)
    else if (kind === EventKind.TENANT_REMOVE) this.#streamsRemove((place) => place.tenant === words[e + 4], time, seq)
    else if (kind === EventKind.POLICY_SET) {
      // Of dynamic-pd the first parameter bounds the share, which begins there.
      const most = words[e + 4] === PolicyId.DYNAMIC_PD ? u64(words, e + 6) : 0
      const share = most > 0 ? Math.min(most, 1000) / 10 : 100
      for (const device of this.topology.devices) this.#counter(device, CounterKind.SHARE).set(time, share)
    }
  }

  #streamAdd(number: number, vnpu: number): StreamRow {
    const place = this.#place(number, vnpu)
    let s = this.#streams[number]
    if (s === undefined) {
      const writers = [TrackKind.STREAM, TrackKind.WAIT].map((kind) => this.#writer(trackId(kind, number)))
      s = new StreamRow(number, place, ...(writers as [SpanWriter, SpanWriter]))
      this.#streams[number] = s
    }
    s.place = place
    s.phase = Phase.UNKNOWN
    s.submitted = s.dispatched = s.completed = 0
    return s
  }

  #place(number: number, vnpu: number): StreamPlace {
    const { tenant, device } = this.topology.stream(number, vnpu)
    let queues = this.#queues.get(device)
    if (queues === undefined) {
      const kinds = [CounterKind.QUEUE_PREFILL, CounterKind.QUEUE_DECODE, CounterKind.QUEUE_OTHER]
      queues = kinds.map((kind) => ({ length: 0, counter: this.#counter(device, kind) }))
      this.#queues.set(device, queues)
    }
    return {
      device,
      tenant,
      onDevice: this.#group(this.#devices, TrackKind.DEVICE, device),
      ofTenant: this.#group(this.#tenants, TrackKind.TENANT, tenant),
      time: this.#service.of(device, tenant),
      queues,
    }
  }

  /** A device begins anew or goes, or a tenant goes: its streams are gone. */
  #streamsRemove(isOf: (place: StreamPlace) => boolean, time: number, seq: number): void {
    for (const s of this.#streams) if (s !== undefined && isOf(s.place)) this.#streamRemove(s, time, seq)
  }

  #streamRemove(s: StreamRow, time: number, seq: number): void {
    flush(s, time, seq)
    const queued = s.submitted - s.dispatched
    if (queued > 0) s.queue(-queued, time)
    s.endWait(time, seq)
    s.submitted = s.dispatched = s.completed = 0
    s.onCredit = false
    s.headSince = s.stepSince = s.stepEnd = -1
    this.#recount(s, time, seq)
  }

  /** The end of what was read: what is under way is shown up to here. */
  #close(): void {
    for (const s of this.#streams) {
      if (s === undefined) continue
      flush(s, this.#now, this.#events)
      if (s.waitSince < 0 || this.#now <= s.waitSince) continue
      s.endWait(this.#now, this.#events)
      s.waitSince = this.#now
    }
    for (const group of [...this.#devices.values(), ...this.#tenants.values()]) group.close(this.#now, this.#events)
    this.#service.upTo(this.#now)
  }

  #writer(track: number): SpanWriter {
    let writer = this.#spans.get(track)
    if (writer === undefined) this.#spans.set(track, (writer = new SpanWriter()))
    return writer
  }

  #group(groups: Map<number, Group>, kind: number, number: number): Group {
    let group = groups.get(number)
    if (group === undefined) groups.set(number, (group = new Group(KINDS, this.#writer(trackId(kind, number)))))
    return group
  }

  #counter(device: number, kind: number): CounterWriter {
    return (this.#counters[seriesId(device, kind)] ??= new CounterWriter())
  }
}

function submit(s: StreamRow | undefined, op_seq: number, time: number): void {
  if (s === undefined) return
  if (s.stepSince < 0) s.stepSince = time
  s.submitted = op_seq
  s.queue(1, time)
}

/** Ends the span of a stream that is under way and begins another. */
function flush(s: StreamRow, time: number, event: number): void {
  if (s.counted === 0) return
  const code = (1 << s.phase) | (s.onCredit ? CREDIT_BIT : 0)
  if (time > s.since) s.runs.add(s.since, time, code, event)
  s.since = time
}
