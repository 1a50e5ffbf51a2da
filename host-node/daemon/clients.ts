/**
 * Clients and what they issue: records are taken in the order of their tickets, whatever ring they are on, checked field
 * by field, and become operators of the core or calls. What a client may not do ends the client, with a reason; nothing
 * of it reaches the core or the device.
 */
import { ApiId, apiTable } from '../../build/gen/ts/api.ts'
import { EventKind, OpClass, Phase, PhaseSource } from '../../build/gen/ts/records.ts'
import { RingKind, ring as layout } from '../../spec/ring.ts'
import { NONE } from '../../spec/records.ts'
import type { Batch } from './batch.ts'
import type { Callbacks } from './callbacks.ts'
import type { Calls } from './calls.ts'
import type { Decider } from './decider.ts'
import type { Peer } from './executor.ts'
import { BadRing, Ring } from './ring.ts'
import { anyHeld, type StreamState, type Streams, type SyncObject } from './streams.ts'

/** Records of one client in one round: the others have their turn in between. */
const ROUND = 256
/** With so many waiting, the executor takes a stream's operators by itself; fewer are here sooner by hand. */
const TAKE_FROM = 8
/** And at most so many in one batch: the loop has others to look at. */
const TAKE_MOST = 1024
/** Of where a phase is known from, what a client may say. */
const hintSources: ReadonlySet<number> = new Set([PhaseSource.HINT, PhaseSource.ARGUMENTS, PhaseSource.NAMES])
const LAST_PHASE = Math.max(...Object.values(Phase))
const LAST_CLASS = Math.max(...Object.values(OpClass))

export class Client {
  readonly rings: Ring[] = []
  /** Ticket of the next record. */
  ticket = 1
  /** Streams of it that are being aborted: meanwhile nothing is taken of it. */
  aborting = 0
  /** Device memory that it holds, bytes. */
  heldBytes = 0n
  /** Device memory that it has freed and the device may still use, bytes. */
  freeingBytes = 0n
  readonly since = new Date()

  readonly number: number
  readonly peer: Peer
  readonly tenant: number
  readonly vnpu: number

  constructor(number: number, peer: Peer, tenant: number, vnpu: number) {
    this.number = number
    this.peer = peer
    this.tenant = tenant
    this.vnpu = vnpu
  }
}

/** Functions that are operators, by number. */
const isAsync = Uint8Array.from(apiTable, (f) => (f?.class === 'async' ? 1 : 0))

/** Whether an operator of the class is a function of the client's. */
const isCallback = (opClass: number): boolean => opClass === OpClass.CALLBACK || opClass === OpClass.CALLBACK_BLOCK

/** Whether an operator of the class names a synchronization object. */
const isSync = (opClass: number): boolean => opClass >= OpClass.EVENT_RECORD && opClass <= OpClass.NOTIFY_WAIT

export class Intake {
  readonly decider: Decider
  readonly batch: Batch
  readonly streams: Streams
  readonly calls: Calls
  readonly callbacks: Callbacks

  constructor(decider: Decider, batch: Batch, streams: Streams, calls: Calls, callbacks: Callbacks) {
    this.decider = decider
    this.batch = batch
    this.streams = streams
    this.calls = calls
    this.callbacks = callbacks
  }

  /** Takes what a client has issued; how many records. Throws BadRing where it has to go. */
  take(client: Client): number {
    const { rings } = client
    let taken = 0
    for (let found = true; found && taken < ROUND && !this.batch.isFull;) {
      found = false
      if (client.aborting > 0) return taken
      for (const ring of rings) {
        let waiting = ring.waiting()
        if (waiting >= TAKE_FROM && this.#lets(client, ring)) return taken + 1
        while (
          waiting > 0 &&
          taken < ROUND &&
          client.aborting === 0 &&
          ring.ticket === client.ticket &&
          !this.batch.isFull
        ) {
          this.#record(client, ring)
          client.ticket = client.ticket === 0xffffffff ? 1 : client.ticket + 1
          waiting--
          taken++
          found = true
        }
      }
    }
    return taken
  }

  /**
   * Whether the executor takes what comes next, in the batch that is being made: operators of a stream with credit. What
   * follows them on the client's rings waits for the next round.
   */
  #lets(client: Client, ring: Ring): boolean {
    const { words, at } = ring
    const refused = ring.byHand
    ring.byHand = false
    if (refused || ring.ticket !== client.ticket || !ring.isSettled) return false
    if ((words[at]! & 0xffff) !== EventKind.OP_SUBMIT || words[at + 5] !== NONE) return false
    const s = this.streams.stream(words[at + 1]!, client.number)
    if (s === undefined || s.ending || s.granted <= s.used || this.batch.takes.some((t) => t.stream === s)) return false
    this.batch.take(client, s, ring, client.ticket, Math.min(s.granted - s.used, TAKE_MOST))
    return true
  }

  /** Takes note of what the executor has taken by itself; how many operators. After the batch was run. */
  took(): number {
    let all = 0
    for (const take of this.batch.takes) {
      const { client, stream, ring } = take
      const count = this.batch.taken(take)
      if (count === 0) ring.byHand = true // something that has to be looked at
      ring.skip(count)
      client.ticket = (client.ticket + count) >>> 0
      if (client.ticket < count || client.ticket === 0) client.ticket++ // 0 is no ticket
      stream.submitted += count
      stream.used += count
      stream.handed += count
      stream.openGates()
      all += count
    }
    return all
  }

  #record(client: Client, ring: Ring): void {
    const at = ring.at
    const kind = ring.words[at]! & 0xffff
    const place = (ring.number << 16) | ring.take()
    if (ring.words[at + 3]! > layout.RING_ARGS_BYTES) throw new BadRing('arguments longer than their ring')
    if (kind === EventKind.OP_SUBMIT) this.#operator(client, ring, at, place >>> 0)
    else if (kind === RingKind.CALL) this.calls.take(client, ring, place >>> 0, (ring.words[at + 4]! >>> 16) & 0xffff)
    else if (kind === RingKind.POST) this.batch.post(place >>> 0)
    else if (kind === RingKind.HINT) this.#hint(client, ring, at, place >>> 0)
    else if (kind === RingKind.RETURNED) this.#returned(client, ring, at, place >>> 0)
    else throw new BadRing(`a record of kind ${kind}`)
  }

  #operator(client: Client, ring: Ring, at: number, place: number): void {
    const { words } = ring
    const number = words[at + 1]!
    const s = this.streams.stream(number, client.number)
    if (s === undefined || s.ending) throw new BadRing(`an operator on stream ${number}, which it does not have`)
    const [opClass, api] = [words[at + 4]! & 0xffff, words[at + 4]! >>> 16]
    const object = words[at + 5]!
    if (opClass === 0 || opClass > LAST_CLASS) throw new BadRing(`an operator of class ${opClass}`)
    if (isAsync[api] !== 1) throw new BadRing(`an operator by function ${api}`)
    /* What a stream waits for in memory has no number; the core looks at none of a wait that orders with nothing. */
    const inMemory = api === ApiId.aclrtValueWait && opClass === OpClass.NOTIFY_WAIT
    const about = isSync(opClass) && !inMemory ? this.#about(client, object) : undefined
    if (about !== undefined) this.#note(s, about, opClass)
    else if (object !== NONE) throw new BadRing(`class ${opClass} with object ${object}`)
    const [calls, ours] = [isCallback(opClass), api === ApiId.aclrtLaunchHostFunc]
    if (calls !== (ours || api === ApiId.aclrtLaunchCallback)) throw new BadRing(`class ${opClass} of function ${api}`)
    const waits = opClass === OpClass.CALLBACK_BLOCK
    if (waits) {
      this.decider.settle(s)
      this.callbacks.issued(s, ring, place, s.submitted + 1, true, ours)
    }
    this.#submit(ring, at, s, place, opClass, api, inMemory ? 0 : (about?.number ?? NONE))
    if (calls && !waits) this.callbacks.issued(s, ring, place, s.submitted, false, ours)
  }

  #submit(ring: Ring, at: number, s: StreamState, place: number, opClass: number, api: number, object: number): void {
    const { words } = ring
    const { number } = s
    s.submitted++
    if (s.granted > s.used) {
      s.used++
      s.handed++
      this.batch.credited(number, place)
      return
    }
    this.decider.settle(s)
    s.settled++
    s.queue.push(place)
    const event = this.decider.event(EventKind.OP_SUBMIT, number)
    for (let i = 4; i < 15; i++) event[i] = words[at + i]!
    event[4] = opClass | (api << 16)
    event[5] = object
    this.decider.set64(48, s.settled)
    this.decider.feed()
    if (this.decider.refused) throw new BadRing(`the core refused an operator of stream ${number}`)
  }

  #returned(client: Client, ring: Ring, at: number, place: number): void {
    this.callbacks.returned(client, ring.words[at + 6]!)
    this.batch.done(place)
  }

  #hint(client: Client, ring: Ring, at: number, place: number): void {
    const number = ring.words[at + 1]!
    const [phase, source] = [ring.words[at + 4]! & 0xffff, ring.words[at + 4]! >>> 16]
    if (this.streams.stream(number, client.number) === undefined)
      throw new BadRing(`a hint for stream ${number}, which it does not have`)
    if (phase > LAST_PHASE) throw new BadRing(`a hint of phase ${phase}`)
    if (!hintSources.has(source)) throw new BadRing(`a hint of source ${source}`)
    const event = this.decider.event(EventKind.PHASE_HINT, number)
    event[4] = phase
    event[5] = source
    event[7] = ring.words[at + 7]!
    event[8] = ring.words[at + 8]!
    this.decider.feed()
    this.batch.done(place)
  }

  #about(client: Client, number: number): SyncObject {
    const event = this.streams.event(number, client.number)
    if (event === undefined) throw new BadRing(`an operator about event ${number}, which it does not have`)
    return event.object
  }

  #note(s: StreamState, object: SyncObject, opClass: number): void {
    /* What the core holds, an operator on credit must not overtake. */
    if (s.granted > s.used && (anyHeld(object.records) || anyHeld(object.waits))) this.decider.settle(s)
    const seq = s.submitted + 1
    if (opClass === OpClass.EVENT_WAIT) object.waits.set(s, seq)
    else object.records.set(s, seq)
  }
}
