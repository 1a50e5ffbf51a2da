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

/** Who shares something, by phase: a device, or a tenant on it. */
class Group {
  readonly active = new Int32Array(KINDS)
  code = 0
  since = 0
  /** Streams at work, and the device's service integral when that number last changed. */
  streams = 0
  servedThen = 0
  readonly spans: SpanWriter

  constructor(spans: SpanWriter) {
    this.spans = spans
  }

  change(kind: number, by: number, time: number, event: number): void {
    const count = (this.active[kind] = this.active[kind]! + by)
    if (count > 1 || (count === 1 && by < 0)) return
    if (this.code !== 0 && time > this.since) this.spans.add(this.since, time, this.code, event)
    this.code = count === 0 ? this.code & ~(1 << kind) : this.code | (1 << kind)
    this.since = time
  }
}

export class Activity {
  readonly #submitted = new Float64Array(STREAMS)
  readonly #dispatched = new Float64Array(STREAMS)
  readonly #completed = new Float64Array(STREAMS)
  readonly #phase = new Uint8Array(STREAMS)
  readonly #device = new Uint16Array(STREAMS)
  readonly #tenant = new Uint16Array(STREAMS)
  /** 0 idle, 1 + kind of activity it is counted under. */
  readonly #counted = new Uint8Array(STREAMS)
  readonly #credit = new Uint8Array(STREAMS)
  readonly #since = new Float64Array(STREAMS)
  readonly #waitSince = new Float64Array(STREAMS).fill(-1)
  readonly #headSince = new Float64Array(STREAMS).fill(-1)
  readonly #stepSince = new Float64Array(STREAMS).fill(-1)
  readonly #stepEnd = new Float64Array(STREAMS).fill(-1)
  readonly #spans = new Map<number, SpanWriter>()
  /** Those of streams, by their number: looked up at every event. */
  readonly #runs: SpanWriter[] = []
  readonly #waiting: SpanWriter[] = []
  readonly #devices = new Map<number, Group>()
  readonly #tenants = new Map<number, Group>()
  readonly #service = new TenantService()
  /** By device, and prefill, decode, other. */
  readonly #queued = new Int32Array(limits.MAX_DEVICES * 3)
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
      const stream = events[e + 1]!
      const time = u64(events, e + 2)
      const number = seq + this.#before
      const has = d < decided && u64(decisions, d + 6) === number
      if (!(has && (decisions[d]! & 0xff) === DecisionKind.FAULT)) {
        this.#now = time
        if (this.#first < 0) this.#first = time
        if (kind === EventKind.OP_SUBMIT) this.#submit(stream, u64(events, e + 12), time)
        else if (kind === EventKind.OP_COMPLETE) {
          this.#complete(stream, u64(events, e + 4), u64(events, e + 6), events[e + 10]!, time, seq)
        } else if (kind !== EventKind.TICK && kind !== EventKind.STREAM_SYNC) this.#other(kind, events, e, time, seq)
      }
      for (; d < decided && u64(decisions, d + 6) === number; d += DECISION_WORDS)
        this.#decision(events, e, decisions, d, seq)
      if (stream < STREAMS) this.#waitsFrom(stream, time)
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

  #beginStream(s: number, f: CoreFigures): void {
    this.#streamAdd(s, f.stream_vnpu(s))
    this.#phase[s] = f.stream_phase(s)
    this.#submitted[s] = Number(f.stream_submitted(s))
    this.#dispatched[s] = Number(f.stream_dispatched(s))
    this.#completed[s] = Number(f.stream_completed(s))
    this.#credit[s] = f.stream_credit(s) > 0n ? 1 : 0
    if (f.stream_queued(s) > 0) this.#queue(s, f.stream_queued(s), this.#now)
    this.#recount(s, this.#now, 0)
    this.#waitsFrom(s, this.#now)
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

  #submit(s: number, op_seq: number, time: number): void {
    if (s >= STREAMS) return
    if (this.#stepSince[s]! < 0) this.#stepSince[s] = time
    this.#submitted[s] = op_seq
    this.#queue(s, 1, time)
  }

  #complete(s: number, seq: number, device_ns: number, count: number, time: number, event: number): void {
    if (s >= STREAMS) return
    const done = seq - this.#completed[s]!
    this.#completed[s] = seq
    if (this.#counted[s] !== 0 && this.#credit[s] === 0) {
      const exact = device_ns > 0 && count === done
      const start = exact ? Math.max(this.#since[s]!, time - device_ns) : this.#since[s]!
      if (done > 0 && time > start)
        this.#ofStream(this.#runs, TrackKind.STREAM, s).add(start, time, 1 << this.#phase[s]!, event)
      if (done > 0) this.#since[s] = time
    }
    this.#recount(s, time, event)
    if (seq >= this.#submitted[s]! && this.#credit[s] === 0) this.#endStep(s, time)
  }

  #endStep(s: number, time: number): void {
    const start = this.#stepSince[s]!
    if (start < 0) return
    const before = this.#stepEnd[s]!
    this.#steps.add(s, this.#phase[s]!, start, time - start, before < 0 ? 0 : time - before)
    this.#stepEnd[s] = time
    this.#stepSince[s] = -1
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
    if (kind === DecisionKind.DISPATCH) this.#dispatch(subject, flags, count, rule, time, seq)
    else if (kind === DecisionKind.PHASE && ofStream) this.#setPhase(subject, count, time, seq)
    else if (kind === DecisionKind.SHARE)
      this.#counter(decisions[d + 3]! & 0xffff, CounterKind.SHARE).set(time, count / 10)
    else if (kind === DecisionKind.ADMIT) this.#memory(subject, u64(events, e + 6), time)
  }

  #dispatch(s: number, flags: number, count: number, rule: number, time: number, seq: number): void {
    if (s >= STREAMS) return
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      this.#flush(s, time, seq)
      this.#credit[s] = 1
      if (this.#stepSince[s]! < 0) this.#stepSince[s] = time
      this.#recount(s, time, seq)
      return
    }
    if (count === 0) return
    const head = this.#headSince[s]!
    if (head >= 0) this.#waits.add(s, this.#phase[s]!, head, time, seq, rule)
    this.#dispatched[s] = this.#dispatched[s]! + count
    this.#queue(s, -count, time)
    const left = this.#submitted[s]! > this.#dispatched[s]!
    this.#headSince[s] = left ? time : -1
    const since = this.#waitSince[s]!
    if (!left && since >= 0) {
      if (time > since) this.#ofStream(this.#waiting, TrackKind.WAIT, s).add(since, time, 1 << this.#phase[s]!, seq)
      this.#waitSince[s] = -1
    }
    this.#recount(s, time, seq)
  }

  /** After an event: a stream that still has something queued waits. */
  #waitsFrom(s: number, time: number): void {
    if (this.#submitted[s]! <= this.#dispatched[s]! || this.#waitSince[s]! >= 0) return
    this.#waitSince[s] = time
    if (this.#headSince[s]! < 0) this.#headSince[s] = time
  }

  /** Ends the span of a stream that is under way and begins another. */
  #flush(s: number, time: number, event: number): void {
    if (this.#counted[s] === 0) return
    const since = this.#since[s]!
    const code = (1 << this.#phase[s]!) | (this.#credit[s] !== 0 ? CREDIT_BIT : 0)
    if (time > since) this.#ofStream(this.#runs, TrackKind.STREAM, s).add(since, time, code, event)
    this.#since[s] = time
  }

  /** Brings into line what a stream counts as: nothing, at work on a phase, or on credit. */
  #recount(s: number, time: number, event: number): void {
    const busy = this.#dispatched[s]! > this.#completed[s]!
    const is = this.#credit[s] !== 0 ? 1 + PHASES : busy ? 1 + this.#phase[s]! : 0
    const was = this.#counted[s]!
    if (is === was) return
    const [device, tenant] = [this.#device[s]!, this.#tenant[s]!]
    const d = this.#group(this.#devices, TrackKind.DEVICE, device)
    const t = this.#group(this.#tenants, TrackKind.TENANT, tenant)
    if (was === 0) {
      this.#since[s] = time
      this.#service.change(device, tenant, 1, time)
    }
    if (is !== 0) {
      d.change(is - 1, 1, time, event)
      t.change(is - 1, 1, time, event)
    } else this.#service.change(device, tenant, -1, time)
    if (was !== 0) {
      d.change(was - 1, -1, time, event)
      t.change(was - 1, -1, time, event)
    }
    this.#counted[s] = is
  }

  #setPhase(s: number, phase: number, time: number, event: number): void {
    if (phase >= PHASES) return
    this.#flush(s, time, event)
    const queued = this.#submitted[s]! - this.#dispatched[s]!
    if (queued > 0) this.#queue(s, -queued, time)
    this.#phase[s] = phase
    if (queued > 0) this.#queue(s, queued, time)
    this.#recount(s, time, event)
  }

  #queue(s: number, by: number, time: number): void {
    const device = this.#device[s]!
    const phase = this.#phase[s]!
    const kind =
      phase === Phase.PREFILL
        ? CounterKind.QUEUE_PREFILL
        : phase === Phase.DECODE
          ? CounterKind.QUEUE_DECODE
          : CounterKind.QUEUE_OTHER
    const queued = (this.#queued[device * 3 + kind] = this.#queued[device * 3 + kind]! + by)
    this.#counter(device, kind).set(time, queued)
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
    const s = words[e + 1]!
    if (kind === EventKind.CREDIT_USED && s < STREAMS) {
      const count = u64(words, e + 4)
      this.#flush(s, time, seq)
      this.#credit[s] = 0
      this.#submitted[s] = this.#submitted[s]! + count
      this.#dispatched[s] = this.#dispatched[s]! + count
      this.#recount(s, time, seq)
      if (this.#completed[s]! >= this.#submitted[s]!) this.#endStep(s, time)
    } else if (kind === EventKind.MEM_FREE) this.#memory(words[e + 6]!, -u64(words, e + 4), time)
    else if (kind === EventKind.TELEMETRY) {
      this.#counter(words[e + 4]!, CounterKind.COMPUTE).set(time, words[e + 5]! / 10)
      this.#counter(words[e + 4]!, CounterKind.BANDWIDTH).set(time, words[e + 6]! / 10)
    } else if (kind === EventKind.STREAM_ADD && s < STREAMS) this.#streamAdd(s, words[e + 4]!)
    else if (kind === EventKind.STREAM_REMOVE && s < STREAMS) this.#streamRemove(s, time, seq)
    else if (kind === EventKind.DEVICE_ADD) {
      this.#streamsRemove(this.#device, words[e + 4]!, time, seq)
      this.topology.device(words[e + 4]!, words[e + 5]!)
    } else if (kind === EventKind.VNPU_ADD)
      this.topology.vnpus.set(words[e + 4]!, { tenant: words[e + 5]!, device: words[e + 6]! })
    else if (kind === EventKind.TENANT_SET) this.topology.tenant(words[e + 4]!, words[e + 5]!, u64(words, e + 8))
    else if (kind === EventKind.DEVICE_REMOVE) this.#streamsRemove(this.#device, words[e + 4]!, time, seq)
    else if (kind === EventKind.TENANT_REMOVE) this.#streamsRemove(this.#tenant, words[e + 4]!, time, seq)
    else if (kind === EventKind.POLICY_SET) {
      // Of dynamic-pd the first parameter bounds the share, which begins there.
      const most = words[e + 4] === PolicyId.DYNAMIC_PD ? u64(words, e + 6) : 0
      const share = most > 0 ? Math.min(most, 1000) / 10 : 100
      for (const device of this.topology.devices) this.#counter(device, CounterKind.SHARE).set(time, share)
    }
  }

  #streamAdd(s: number, vnpu: number): void {
    const { tenant, device } = this.topology.stream(s, vnpu)
    this.#tenant[s] = tenant
    this.#device[s] = device
    this.#phase[s] = Phase.UNKNOWN
    for (const column of [this.#submitted, this.#dispatched, this.#completed]) column[s] = 0
  }

  /** A device begins anew or goes, or a tenant goes: its streams are gone. */
  #streamsRemove(by: Uint16Array, number: number, time: number, seq: number): void {
    for (const stream of this.topology.streams) if (by[stream] === number) this.#streamRemove(stream, time, seq)
  }

  #streamRemove(s: number, time: number, seq: number): void {
    this.#flush(s, time, seq)
    const queued = this.#submitted[s]! - this.#dispatched[s]!
    if (queued > 0) this.#queue(s, -queued, time)
    const since = this.#waitSince[s]!
    if (since >= 0 && time > since)
      this.#ofStream(this.#waiting, TrackKind.WAIT, s).add(since, time, 1 << this.#phase[s]!, seq)
    for (const column of [this.#submitted, this.#dispatched, this.#completed]) column[s] = 0
    this.#credit[s] = 0
    this.#waitSince[s] = -1
    this.#headSince[s] = -1
    this.#stepSince[s] = -1
    this.#stepEnd[s] = -1
    this.#recount(s, time, seq)
  }

  /** The end of what was read: what is under way is shown up to here. */
  #close(): void {
    for (const stream of this.topology.streams) {
      this.#flush(stream, this.#now, this.#events)
      const since = this.#waitSince[stream]!
      if (since >= 0 && this.#now > since) {
        this.#ofStream(this.#waiting, TrackKind.WAIT, stream).add(
          since,
          this.#now,
          1 << this.#phase[stream]!,
          this.#events,
        )
        this.#waitSince[stream] = this.#now
      }
    }
    for (const group of [...this.#devices.values(), ...this.#tenants.values()]) {
      if (group.code !== 0 && this.#now > group.since) group.spans.add(group.since, this.#now, group.code, this.#events)
      group.since = this.#now
    }
    this.#service.upTo(this.#now)
  }

  #ofStream(known: SpanWriter[], kind: number, stream: number): SpanWriter {
    return (known[stream] ??= this.#writer(trackId(kind, stream)))
  }

  #writer(track: number): SpanWriter {
    let writer = this.#spans.get(track)
    if (writer === undefined) this.#spans.set(track, (writer = new SpanWriter()))
    return writer
  }

  #group(groups: Map<number, Group>, kind: number, number: number): Group {
    let group = groups.get(number)
    if (group === undefined) groups.set(number, (group = new Group(this.#writer(trackId(kind, number)))))
    return group
  }

  #counter(device: number, kind: number): CounterWriter {
    return (this.#counters[seriesId(device, kind)] ??= new CounterWriter())
  }
}
