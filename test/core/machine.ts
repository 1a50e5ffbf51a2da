/**
 * Plays a whole machine around the core in virtual time: applications that issue operators, a host that holds them until
 * they are dispatched (host-shim's part), a device that runs them, markers whose completion is seen late. Checks with
 * every decision what must always hold; a violation is an error.
 */
import { DecisionFlag, EventFlag, NONE, OpClass, PolicyId, type DecisionRecord } from '../../build/gen/ts/records.ts'
import { CoreHost, type Draft } from './core-host.ts'
import { VirtualNpu } from './virtual-npu.ts'

/** An operator as the application issues it; `ns` is its time on an idle device. */
export interface Op {
  op_class: number
  ns: number
  compute?: number
  bandwidth?: number
  key?: bigint
  blocks?: number
  object?: number
  evidence?: number
  bytes?: number
}

interface Issued extends Op {
  seq: number
  stream: number
  /** Position among all operators on its event, in order of issue. */
  ticket: number
  /** Its event was destroyed in the meantime. */
  orphan?: boolean
}

interface Stream {
  id: number
  device: number
  issued: number
  decided: number
  complete: number
  reported: number
  queue: Issued[]
  granted: number
  used: number
  /** The wait without end that was dispatched and not reported complete; whether it is for a function of the host. */
  barrier: { seq: number; at: number; host: boolean } | undefined
  lastMarkNs: number
  markedSeq: number
  marksUnderWay: number
  reports: { at: number; seq: number; device_ns: number; count: number }[]
  waiters: { seq: number; run: () => void }[]
  submitNs: number[]
  phase: number
  removed: boolean
}

const isRecord = (c: number): boolean => c === OpClass.EVENT_RECORD || c === OpClass.EVENT_RESET
const isBarrier = (c: number): boolean => c === OpClass.NOTIFY_WAIT || c === OpClass.CALLBACK_BLOCK
const isEvent = (c: number): boolean => isRecord(c) || c === OpClass.EVENT_WAIT

export interface MachineOptions {
  devices?: number
  /** How late completion is seen after it happened, ns. */
  delay?: () => number
  /** Reports completion to the core at all. */
  lossy?: () => boolean
}

export class Machine {
  readonly host = new CoreHost()
  readonly npus: VirtualNpu[]
  readonly streams: Stream[] = []
  readonly #delay: () => number
  readonly #lossy: () => boolean
  readonly #agenda: { at: number; order: number; run: () => void }[] = []
  readonly #events = new Map<
    number,
    { issued: { record: boolean; dispatched: boolean }[]; complete: number; seen: number }
  >()
  readonly #notifies = new Map<number, number>()
  #order = 0
  policy: number = PolicyId.PASSTHROUGH
  /** Longest time an operator waited for its dispatch, ns. */
  longest_wait_ns = 0
  /** Most ticks that the core wanted at one and the same time. */
  most_ticks = 0
  #ticks = 0
  #tickedAt = -1
  #depth = 0

  constructor({ devices = 1, delay = () => 50_000, lossy = () => false }: MachineOptions = {}) {
    this.#delay = delay
    this.#lossy = lossy
    this.npus = Array.from({ length: devices }, () => new VirtualNpu())
    for (let d = 0; d < devices; d++) {
      this.host.device(d)
      this.host.vnpu(d, 0, d)
    }
  }

  get now(): number {
    return this.host.now
  }

  setPolicy(policy: number, ...parameters: number[]): void {
    this.policy = policy
    this.#apply(this.host.policy(policy, ...parameters))
  }

  addStream(vnpu = 0, priority = 0, device = vnpu < this.npus.length ? vnpu : 0): number {
    const id = this.streams.length
    this.streams.push({
      id,
      device,
      issued: 0,
      decided: 0,
      complete: 0,
      reported: 0,
      queue: [],
      granted: 0,
      used: 0,
      barrier: undefined,
      lastMarkNs: 0,
      markedSeq: 0,
      marksUnderWay: 0,
      reports: [],
      waiters: [],
      submitNs: [],
      phase: 0,
      removed: false,
    })
    this.send({ kind: 'STREAM_ADD', vnpu, priority }, id)
    return id
  }

  /** Feeds an event and carries out what the core decides. */
  send(draft: Draft, stream = NONE, flags = 0): DecisionRecord[] {
    this.#depth++
    const decisions = this.host.send(draft, stream, flags)
    if (decisions.length > 64) throw new Error(`${decisions.length} decisions for one event`)
    this.#apply(decisions)
    if (--this.#depth === 0) this.#balance()
    return decisions
  }

  /** What the core counts is what the host has, and its sums over streams are the sums over streams. */
  #balance(): void {
    const { exports } = this.host.core
    const sums = this.npus.map(() =>
      Array.from({ length: 4 }, () => ({ queued: 0, inflight: 0n, unmarked: 0n, busy: 0 })),
    )
    for (const s of this.streams) {
      const queued = exports.stream_queued(s.id)
      const inflight = Number(exports.stream_inflight(s.id))
      if (s.removed) {
        if (queued !== 0 || inflight !== 0) throw new Error(`stream ${s.id} is gone and has ${queued}, ${inflight}`)
        continue
      }
      if (queued !== s.queue.length) throw new Error(`stream ${s.id} has ${s.queue.length} queued, not ${queued}`)
      if (inflight !== s.decided - s.reported)
        throw new Error(`stream ${s.id} has ${s.decided} - ${s.reported}, not ${inflight}`)
      if (Number(exports.stream_credit(s.id)) !== s.granted) throw new Error(`stream ${s.id} has credit ${s.granted}`)
      const sum = sums[s.device]![exports.stream_phase(s.id)]!
      sum.queued += queued
      sum.inflight += exports.stream_inflight_ns(s.id)
      sum.unmarked += exports.stream_unmarked_ns(s.id)
      if (queued > 0 || inflight > 0 || s.granted > 0) sum.busy++
    }
    sums.forEach((phases, device) =>
      phases.forEach((sum, phase) => {
        const kept = {
          queued: exports.device_queued(device, phase),
          inflight: exports.device_inflight_ns(device, phase),
          unmarked: exports.device_unmarked_ns(device, phase),
          busy: exports.device_busy(device, phase),
        }
        const same = (Object.keys(sum) as (keyof typeof sum)[]).every((key) => BigInt(sum[key]) === BigInt(kept[key]))
        if (!same)
          throw new Error(`device ${device}, phase ${phase}: ${Object.values(kept)}, not ${Object.values(sum)}`)
      }),
    )
  }

  /** The stream goes, with what is queued: the host takes the credit back first. What is on the device runs on. */
  removeStream(id: number): void {
    const s = this.#stream(id)
    if (s.removed) return
    if (s.granted > 0) this.#settle(s)
    for (const op of s.queue) if (isEvent(op.op_class)) this.#event(op.object ?? 0).issued[op.ticket]!.dispatched = true
    s.queue = []
    s.reports = []
    s.waiters = []
    s.removed = true
    this.send({ kind: 'STREAM_REMOVE' }, id)
  }

  hint(id: number, phase: number, source = 1): void {
    if (!this.#stream(id).removed) this.send({ kind: 'PHASE_HINT', phase, source, vnpu: 0 }, id)
  }

  /** An event is destroyed; what is queued on it orders with nothing any more. */
  removeEvent(object: number): void {
    this.#events.delete(object)
    for (const s of this.streams)
      for (const op of s.queue) if (op.object === object && isEvent(op.op_class)) op.orphan = true
    this.send({ kind: 'SYNC_REMOVE', sync_object: object })
  }

  /** The application issues an operator now; with `more` the host says that another one follows. */
  issue(id: number, op: Op, more = false): void {
    const s = this.#stream(id)
    if (s.removed) return
    const event = isEvent(op.op_class) ? this.#event(op.object ?? 0) : undefined
    const clear = event === undefined || event.issued.every(({ dispatched }) => dispatched)
    if (s.granted > s.used && clear && op.op_class !== OpClass.CALLBACK_BLOCK) {
      s.used++
      const issued: Issued = { ...op, seq: s.issued + 1, stream: id, ticket: this.#ticket(op) }
      s.issued++
      this.#hand(s, issued)
      return
    }
    if (s.granted > 0) this.#settle(s)
    s.issued++
    s.queue.push({ ...op, seq: s.issued, stream: id, ticket: this.#ticket(op) })
    s.submitNs[s.issued] = this.now
    this.send(
      {
        kind: 'OP_SUBMIT',
        op_class: op.op_class,
        api: 0,
        sync_object: op.object ?? NONE,
        key: op.key ?? 0n,
        blocks: op.blocks ?? 0,
        args_bytes: 64,
        bytes: BigInt(op.bytes ?? 0),
        op_seq: BigInt(s.issued),
        evidence: op.evidence ?? 0,
      },
      id,
      more ? EventFlag.MORE : 0,
    )
  }

  /** The application waits for all it has issued on the stream. */
  synchronize(id: number, run: () => void): void {
    const s = this.#stream(id)
    if (s.removed) return
    if (s.complete >= s.issued) return this.at(this.now, run)
    if (s.granted === 0) this.send({ kind: 'STREAM_SYNC' }, id)
    s.waiters.push({ seq: s.issued, run })
  }

  at(time: number, run: () => void): void {
    this.#agenda.push({ at: time, order: this.#order++, run })
    this.#agenda.sort((a, b) => b.at - a.at || b.order - a.order)
  }

  /** Lets time pass until `to`, or until nothing is left to happen. */
  run(to = Infinity): void {
    for (;;) {
      const next = this.#next()
      if (next === Infinity || next > to) {
        if (to !== Infinity) this.#pass(to)
        return
      }
      this.#pass(next)
      this.#happen()
    }
  }

  #pass(to: number): void {
    for (const npu of this.npus) npu.advance(to)
    this.host.now = Math.max(this.host.now, to)
  }

  #next(): number {
    const wake = this.host.core.nextWake
    let next = Math.min(this.#agenda.at(-1)?.at ?? Infinity, wake === 2n ** 64n - 1n ? Infinity : Number(wake))
    for (const npu of this.npus) next = Math.min(next, npu.next())
    for (const { reports } of this.streams) next = Math.min(next, reports[0]?.at ?? Infinity)
    return Math.max(next, this.now)
  }

  /** What is due now. */
  #happen(): void {
    for (const s of this.streams) {
      this.#releaseWaiters(s)
      while (s.reports.length > 0 && (s.reports[0]?.at ?? Infinity) <= this.now) {
        const { seq, device_ns, count } = s.reports.shift()!
        this.#report(s, seq, device_ns, count)
      }
    }
    while ((this.#agenda.at(-1)?.at ?? Infinity) <= this.now) this.#agenda.pop()!.run()
    if (this.host.core.nextWake > BigInt(Math.round(this.now))) return
    this.#ticks = this.now === this.#tickedAt ? this.#ticks + 1 : 1
    this.#tickedAt = this.now
    this.most_ticks = Math.max(this.most_ticks, this.#ticks)
    if (this.#ticks > 100) throw new Error(`the core wants tick after tick at ${this.now} ns`)
    this.send({ kind: 'TICK' })
  }

  #releaseWaiters(s: Stream): void {
    while (s.waiters.length > 0 && s.waiters[0]!.seq <= s.complete) {
      const { seq, run } = s.waiters.shift()!
      if (s.granted === 0 && s.decided >= seq) this.#report(s, seq, 0, 0)
      this.at(this.now, run)
    }
  }

  #report(s: Stream, seq: number, device_ns: number, count: number): void {
    /* The host itself knows when its function has returned. */
    const known = s.barrier?.host === true && seq >= s.barrier.seq
    if (s.removed || seq <= s.reported || (this.#lossy() && !known)) return
    s.reported = seq
    if (s.barrier !== undefined && seq >= s.barrier.seq) s.barrier = undefined
    this.send(
      {
        kind: 'OP_COMPLETE',
        completed_seq: BigInt(seq),
        device_ns: BigInt(Math.round(device_ns)),
        end_ns: BigInt(Math.round(this.now)),
        count,
      },
      s.id,
    )
  }

  #apply(decisions: DecisionRecord[]): void {
    const revoked: Stream[] = []
    for (const d of decisions) {
      if (d.kind === 'DISPATCH') this.#dispatch(this.#stream(d.stream), d)
      else if (d.kind === 'REVOKE') revoked.push(this.#stream(d.stream))
      else if (d.kind === 'PHASE') this.#stream(d.stream).phase = d.count
      else if (d.kind === 'FAULT') throw new Error(`fault ${d.count} of event kind ${d.value}`)
    }
    for (const s of revoked) if (s.granted > 0) this.#settle(s)
  }

  #dispatch(s: Stream, { flags, count, value, device }: DecisionRecord): void {
    if (device !== s.device) throw new Error(`stream ${s.id} dispatched on device ${device}`)
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      if (s.queue.length > 0) throw new Error(`credit for stream ${s.id}, which has work queued`)
      if (s.barrier !== undefined) throw new Error(`credit for stream ${s.id}, behind a wait without end`)
      const holders = this.streams.filter((other) => other.device === s.device && other.granted > 0)
      if (this.policy !== PolicyId.PASSTHROUGH && holders.length > 0) throw new Error('two streams with credit')
      s.granted = count
      s.used = 0
      return
    }
    if (s.granted > 0) throw new Error(`a marker on stream ${s.id} behind operators issued on credit`)
    if (count > s.queue.length) throw new Error(`${count} of ${s.queue.length} operators of stream ${s.id} dispatched`)
    if (count === 0 && (flags & DecisionFlag.MARK) === 0) throw new Error('a dispatch of nothing')
    const sample = (flags & DecisionFlag.SAMPLE) !== 0
    if (sample && count !== 1) throw new Error('a sample of more than one operator')
    if (sample) this.#mark(s, s.decided, true)
    for (let i = 0; i < count; i++) {
      const op = s.queue.shift()!
      s.decided++
      const held = s.barrier !== undefined && (s.barrier.host || this.now - s.barrier.at < 1e9)
      if (held) throw new Error(`stream ${s.id} went on behind a wait without end`)
      this.longest_wait_ns = Math.max(this.longest_wait_ns, this.now - s.submitNs[op.seq]!)
      if (isBarrier(op.op_class)) {
        if (i !== count - 1 || (flags & DecisionFlag.MARK) === 0) throw new Error('a wait without end, without marker')
        s.barrier = { seq: op.seq, at: this.now, host: op.op_class === OpClass.CALLBACK_BLOCK }
      }
      this.#hand(s, op)
    }
    if (value !== BigInt(s.decided)) throw new Error(`dispatch up to ${value}, not ${s.decided}`)
    if ((flags & DecisionFlag.MARK) !== 0) this.#mark(s, s.decided, false)
  }

  /** The rest of a grant is void; what was used is reported, with a marker behind it. */
  #settle(s: Stream): void {
    const count = s.used
    s.granted = 0
    s.used = 0
    s.decided += count
    if (count > 0) this.#mark(s, s.decided, false)
    this.send({ kind: 'CREDIT_USED', count: BigInt(count) }, s.id)
  }

  /** A marker behind what was handed over; `silent` is the one before a sample. As in the host, the time between two
   * markers counts where the second was recorded before the first was passed: then the device did not idle between. */
  #mark(s: Stream, seq: number, silent: boolean): void {
    const count = seq - s.markedSeq
    const exact = s.marksUnderWay > 0
    s.markedSeq = seq
    s.marksUnderWay++
    const done = (): void => {
      const device_ns = exact && count > 0 ? this.now - s.lastMarkNs : 0
      s.marksUnderWay--
      s.lastMarkNs = this.now
      if (silent || s.removed) return
      const last = s.reports.at(-1)?.at ?? 0
      s.reports.push({ at: Math.max(this.now + this.#delay(), last), seq, device_ns, count })
    }
    this.npus[s.device]!.put(s.id, { ns: 0, compute: 0, bandwidth: 0, done })
  }

  /** An operator goes to the device: here the order on its event is checked. */
  #hand(s: Stream, op: Issued): void {
    const { ns, op_class } = op
    let ready: (() => boolean) | undefined
    let done: (() => void) | undefined
    if (isEvent(op_class) && op.orphan !== true) {
      const event = this.#event(op.object ?? 0)
      this.#checkOrder(event.issued, op)
      if (op_class === OpClass.EVENT_RECORD) {
        const number = ++event.seen
        done = () => (event.complete = Math.max(event.complete, number))
      } else if (op_class === OpClass.EVENT_WAIT) {
        const number = event.seen
        ready = () => event.complete >= number
      }
    } else if (op_class === OpClass.NOTIFY_RECORD) {
      done = () => this.#notifies.set(op.object!, (this.#notifies.get(op.object!) ?? 0) + 1)
    } else if (op_class === OpClass.NOTIFY_WAIT) {
      ready = () => (this.#notifies.get(op.object!) ?? 0) > 0
      done = () => this.#notifies.set(op.object!, this.#notifies.get(op.object!)! - 1)
    }
    this.npus[s.device]!.put(s.id, {
      ns,
      compute: op.compute ?? 1,
      bandwidth: op.bandwidth ?? 1,
      ready,
      done: () => {
        if (op.seq !== s.complete + 1) throw new Error(`stream ${s.id} ran operator ${op.seq} after ${s.complete}`)
        s.complete = op.seq
        done?.()
      },
    })
  }

  #checkOrder(issued: { record: boolean; dispatched: boolean }[], op: Issued): void {
    const record = isRecord(op.op_class)
    const overtaken = issued.slice(0, op.ticket).some((e) => !e.dispatched && (record || e.record))
    if (overtaken) throw new Error(`operator ${op.seq} of stream ${op.stream} overtook another on event ${op.object}`)
    issued[op.ticket]!.dispatched = true
  }

  #ticket(op: Op): number {
    if (!isEvent(op.op_class)) return 0
    return this.#event(op.object ?? 0).issued.push({ record: isRecord(op.op_class), dispatched: false }) - 1
  }

  #event(id: number): { issued: { record: boolean; dispatched: boolean }[]; complete: number; seen: number } {
    let event = this.#events.get(id)
    if (event === undefined) this.#events.set(id, (event = { issued: [], complete: 0, seen: 0 }))
    return event
  }

  #stream(id: number): Stream {
    const s = this.streams[id]
    if (s === undefined) throw new Error(`a decision about stream ${id}, which is none`)
    return s
  }
}
