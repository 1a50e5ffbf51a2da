/**
 * Streams and events of all clients, by the numbers that the core knows them by. Of a stream, how far its operators have
 * come: submitted to the daemon, handed to the executor, complete. Sums are counted as the executor counts them: every
 * operator handed over has the next number, on credit or not.
 */
import { EventKind, limits } from '../../build/gen/ts/records.ts'
import type { Callback } from './callbacks.ts'
import type { Decider } from './decider.ts'
import { BadRing } from './ring.ts'

/** Those who wait until a stream's operators up to some number are handed over, or complete. */
export class Gates {
  readonly #waiting: { seq: number; open: () => void }[] = []

  /** Before all that wait for more: who came earlier may wait for what comes only when this one goes on. */
  add(seq: number, open: () => void): void {
    let at = this.#waiting.length
    while (at > 0 && (this.#waiting[at - 1]?.seq as number) > seq) at--
    this.#waiting.splice(at, 0, { seq, open })
  }

  /** Operators up to `seq` have come so far. */
  open(seq: number): void {
    while ((this.#waiting[0]?.seq ?? Infinity) <= seq) this.#waiting.shift()?.open()
  }
}

export class StreamState {
  /** Operators taken from rings, on credit or not. */
  submitted = 0
  /** Of them, those the core knows: all but what is issued on the present grant. */
  settled = 0
  /** Operators handed to the executor. */
  handed = 0
  /** Operators seen complete. */
  complete = 0
  /** Of them, those whose completion the core knows: it hears of operators on credit only when their grant ends. */
  told = 0
  /** Operators up to the last marker: their completion will be reported. */
  marked = 0
  /** The present grant, and what was used of it. */
  granted = 0
  used = 0
  /** Places of operators that wait for a decision. */
  readonly queue: number[] = []
  #head = 0
  /** Opened when operators are handed over. */
  readonly gates = new Gates()
  /** Opened when operators are seen complete. */
  readonly completions = new Gates()
  /** What the core believes. */
  phase = 0
  confidence = 0
  /** The client's thread that runs its callbacks, and the one that runs its host functions where it is another. */
  thread: bigint | undefined
  hostThread: bigint | undefined
  /** Callbacks that it waits for, by the place of their record. */
  readonly callbacks = new Map<number, Callback>()
  /** Whether it is on its way out: nothing more is taken. */
  ending = false

  /** What ended its work before its time; 0 where nothing has. */
  aborted = 0

  readonly number: number
  readonly client: number
  readonly vnpu: number
  readonly priority: number

  constructor(number: number, client: number, vnpu = 0, priority = 0) {
    this.number = number
    this.client = client
    this.vnpu = vnpu
    this.priority = priority
  }

  get queued(): number {
    return this.queue.length - this.#head
  }

  /** Takes `count` places off the queue. */
  take(count: number): number[] {
    const places = this.queue.slice(this.#head, this.#head + count)
    this.#head += places.length
    if (this.#head > 4096 || this.#head === this.queue.length) {
      this.queue.splice(0, this.#head)
      this.#head = 0
    }
    return places
  }

  /** Opens the gates whose operators are handed over. */
  openGates(): void {
    this.gates.open(this.handed)
  }
}

/** Numbers from a fixed range, lowest first; a number given back is used again. */
export class Numbers {
  readonly #free: number[] = []
  #next: number

  readonly limit: number

  constructor(first: number, limit: number) {
    this.limit = limit
    this.#next = first
  }

  /** A number, undefined where all are in use. */
  take(): number | undefined {
    return this.#free.pop() ?? (this.#next < this.limit ? this.#next++ : undefined)
  }

  give(number: number): void {
    this.#free.push(number)
  }
}

/** The last operators about an event, by stream: whoever asks for it, or ends it, waits for them to be handed over. */
export interface SyncObject {
  /** By which the core knows it. */
  number: number
  /** Events of clients that are this one: several where processes share it. */
  uses: number
  records: Map<StreamState, number>
  waits: Map<StreamState, number>
}

/** An event of a client. */
export interface EventState {
  client: number
  object: SyncObject
}

/** Whether some of these operators wait for a decision. */
export function anyHeld(last: ReadonlyMap<StreamState, number>): boolean {
  for (const [s, seq] of last) if (s.handed < seq) return true
  return false
}

export class Streams {
  /** Told of every stream that goes. */
  ended: (s: StreamState) => void = () => {}
  /** Streams with a marker on its way. */
  watched = 0
  readonly streams = Array.from<StreamState | undefined>({ length: limits.MAX_STREAMS })
  readonly events = Array.from<EventState | undefined>({ length: limits.MAX_SYNC_OBJECTS })
  /** What the core knows of events, by number: one may outlive the event that it was made for. */
  readonly objects = new Map<number, SyncObject>()
  readonly streamNumbers = new Numbers(0, limits.MAX_STREAMS)
  readonly eventNumbers = new Numbers(0, limits.MAX_SYNC_OBJECTS)

  /** The client's stream of that number, undefined where it is not the client's. */
  stream(number: number, client: number): StreamState | undefined {
    const s = this.streams[number]
    return s?.client === client ? s : undefined
  }

  event(number: number, client: number): EventState | undefined {
    const e = this.events[number]
    return e?.client === client ? e : undefined
  }

  /** The executor has made a stream: the core gets to know it. */
  add(number: number, client: number, vnpu: number, priority: number, decider: Decider): void {
    this.streams[number] = new StreamState(number, client, vnpu, priority)
    const event = decider.event(EventKind.STREAM_ADD, number)
    event[4] = vnpu
    event[5] = priority
    decider.feed()
    if (!decider.refused) return
    this.streams[number] = undefined
    throw new BadRing(`the core refused stream ${number}`)
  }

  /** The core forgets the stream, with what is queued of it. */
  #forget(s: StreamState, decider: Decider): void {
    decider.settle(s)
    decider.event(EventKind.STREAM_REMOVE, s.number)
    decider.feed()
    for (const place of s.take(s.queued)) decider.batch.done(place)
  }

  /** What a stream has queued is no more; nothing is taken of its client until it goes on anew. */
  abort(s: StreamState, error: number, decider: Decider): void {
    this.#forget(s, decider)
    s.aborted = error
    decider.batch.drop(s.number, error) // what is aborted looks complete, to who waits for it
  }

  /** The real stream is empty: it begins anew under its number, and who waited for its turn learns why. */
  restart(s: StreamState, decider: Decider): void {
    s.handed = s.submitted
    s.openGates()
    decider.batch.drop(s.number, s.aborted)
    this.add(s.number, s.client, s.vnpu, s.priority, decider)
    const next = this.streams[s.number] as StreamState
    next.thread = s.thread
    next.hostThread = s.hostThread
    this.completed(s, s.submitted)
  }

  /** A stream is gone, with what it still had; whoever waits for it goes on. */
  remove(s: StreamState, decider: Decider): void {
    /* It may have begun anew since its end was asked for. */
    const now = this.streams[s.number]
    if (now !== undefined && now !== s && now.client === s.client) return this.remove(now, decider)
    if (s.aborted === 0) this.#forget(s, decider)
    decider.batch.drop(s.number)
    this.ended(s)
    this.streams[s.number] = undefined
    this.streamNumbers.give(s.number)
    s.handed = s.submitted
    s.openGates()
    this.completed(s, s.submitted)
  }

  /** A client has made an event, or opened that of another by its number. False where that has gone. */
  addEvent(number: number, client: number, opened?: number): boolean {
    const object =
      opened === undefined ? { number, uses: 0, records: new Map(), waits: new Map() } : this.objects.get(opened)
    if (object === undefined) return false
    object.uses++
    this.objects.set(object.number, object)
    this.events[number] = { client, object }
    return true
  }

  removeEvent(number: number, decider: Decider): void {
    const object = this.events[number]?.object
    this.events[number] = undefined
    if (object === undefined) return
    if (number !== object.number) this.eventNumbers.give(number)
    if (--object.uses > 0) return
    this.objects.delete(object.number)
    decider.event(EventKind.SYNC_REMOVE)[4] = object.number
    decider.feed()
    this.eventNumbers.give(object.number)
  }

  /** What is left of a client that is gone. */
  removeAll(client: number, decider: Decider): void {
    for (const s of this.of(client)) this.remove(s, decider)
    for (const [number, e] of this.events.entries()) if (e?.client === client) this.removeEvent(number, decider)
  }

  /** There is a marker behind everything of the stream that was handed over. */
  mark(s: StreamState): void {
    if (s.marked <= s.complete && s.handed > s.complete) this.watched++
    s.marked = s.handed
  }

  /** Operators of the stream up to `seq` are complete. */
  completed(s: StreamState, seq: number): void {
    if (seq <= s.complete) return
    if (s.marked > s.complete && seq >= s.marked) this.watched--
    s.complete = seq
    s.completions.open(seq)
  }

  of(client: number): StreamState[] {
    return this.streams.filter((s): s is StreamState => s?.client === client)
  }
}
