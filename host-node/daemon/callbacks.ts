/**
 * Functions of clients in the order of their streams. Which thread of a client runs those of a stream, and when, is
 * known here; the functions run in the client. A callback is due when everything before it in its stream is complete on
 * the device. One that its stream waits for keeps its place: what follows is dispatched when the client says that it has
 * returned. A thread asks for the next one in a call, which is answered when one is due.
 */
import { errorCodes } from '../../spec/constants.ts'
import type { Batch } from './batch.ts'
import type { Client } from './clients.ts'
import type { Decider } from './decider.ts'
import { BadRing, type Ring } from './ring.ts'
import type { StreamState, Streams } from './streams.ts'

const code = (name: string): number => errorCodes[name] as number
const NO_STREAM = code('ACL_ERROR_RT_STREAM_CONTEXT')
const HAS_ITS_THREAD = code('ACL_ERROR_RT_STREAM_SUBSCRIBE')
const NOT_ITS_THREAD = code('ACL_ERROR_RT_THREAD_SUBSCRIBE')
const NO_CALLBACK = code('ACL_ERROR_RT_REPORT_TIMEOUT')
const TOO_MANY = code('ACL_ERROR_RT_INTERNAL_ERROR')

/** In place of a thread of the program: the library's own, for host functions (host-shim/remote/callbacks.c). */
const OUR_THREAD = 0n
/** Threads that one process may subscribe (CANN's aclrtSubscribeReport). */
const MOST_THREADS = 1024
/** Callbacks of a thread that are due and that it has not asked for; a program that runs its callbacks has a handful. */
const MOST_DUE = 65_536

/** A stream has a thread for its callbacks (or ours, for its host functions), and may have one of the program for those. */
type Role = 'thread' | 'hostThread'

export interface Callback {
  stream: StreamState
  role: Role
  thread: Thread
  /** What the client wrote: its function, and the argument. */
  readonly words: readonly number[]
  /** Its record, where the stream waits for it. */
  readonly place: number | undefined
}

interface Thread {
  streams: number
  readonly due: Callback[]
  /** Calls that wait for one: place, and until when, ns. */
  readonly asking: { place: number; deadline: number }[]
}

interface ClientCallbacks {
  readonly threads: Map<bigint, Thread>
  /** Those that run and whose return somebody waits for, by the number that the client was given. */
  readonly running: Map<number, Callback>
  last: number
}

export class Callbacks {
  readonly #clients = new Map<number, ClientCallbacks>()
  /** Callbacks that the core let go and everything before is complete: looked at when its decisions are carried out. */
  #begun: Callback[] = []
  readonly #decider: Decider
  readonly #batch: Batch
  readonly #streams: Streams

  constructor(decider: Decider, batch: Batch, streams: Streams) {
    this.#decider = decider
    this.#batch = batch
    this.#streams = streams
  }

  #of(client: number): ClientCallbacks {
    const known = this.#clients.get(client) ?? { threads: new Map(), running: new Map(), last: 0 }
    this.#clients.set(client, known)
    return known
  }

  #thread(client: number, id: bigint): Thread {
    const { threads } = this.#of(client)
    const known = threads.get(id) ?? { streams: 0, due: [], asking: [] }
    threads.set(id, known)
    return known
  }

  /** The thread runs the callbacks of the stream, or its host functions. */
  subscribe(client: Client, place: number, s: StreamState | undefined, id: bigint, host: boolean): void {
    const role = host ? 'hostThread' : 'thread'
    if (id === OUR_THREAD) throw new BadRing('a subscription of no thread')
    if (s === undefined) return this.#batch.answer(place, NO_STREAM)
    if (s[role] !== undefined) return this.#batch.answer(place, HAS_ITS_THREAD)
    const { threads } = this.#of(client.number)
    if (!threads.has(id) && threads.size >= MOST_THREADS) return this.#batch.answer(place, TOO_MANY)
    this.#thread(client.number, id).streams++
    s[role] = id
    this.#batch.answer(place, 0)
  }

  unsubscribe(place: number, s: StreamState | undefined, id: bigint, host: boolean): void {
    const role = host ? 'hostThread' : 'thread'
    if (s === undefined) return this.#batch.answer(place, NO_STREAM)
    if (s[role] === undefined || s[role] === OUR_THREAD) return this.#batch.answer(place, HAS_ITS_THREAD)
    if (s[role] !== id) return this.#batch.answer(place, NOT_ITS_THREAD)
    this.#leave(s, role)
    this.#batch.answer(place, 0)
  }

  /** The stream has that thread no more; a thread without streams has nothing to wait for. */
  #leave(s: StreamState, role: Role): void {
    const id = s[role]
    s[role] = undefined
    const known = this.#clients.get(s.client)
    const thread = id === undefined ? undefined : known?.threads.get(id)
    if (known === undefined || thread === undefined || id === OUR_THREAD || id === undefined) return
    if (--thread.streams > 0) return
    known.threads.delete(id)
    for (const { place } of thread.asking) this.#batch.answer(place, NOT_ITS_THREAD)
    for (const callback of thread.due) this.#returned(callback)
  }

  /** A thread asks for the next callback of its streams, and waits for it at most so long (-1: without end). */
  next(client: Client, place: number, id: bigint, timeoutMs: number): void {
    const thread = id === OUR_THREAD ? this.#thread(client.number, id) : this.#of(client.number).threads.get(id)
    if (thread === undefined) return this.#batch.answer(place, NOT_ITS_THREAD)
    const deadline = timeoutMs < 0 ? Infinity : this.#decider.now + timeoutMs * 1e6
    thread.asking.push({ place, deadline })
    this.#hand(thread)
  }

  /** Gives callbacks that are due to calls that ask for one. */
  #hand(thread: Thread): void {
    while (thread.asking.length > 0 && thread.due.length > 0) {
      const callback = thread.due.shift() as Callback
      const { place } = thread.asking.shift() as { place: number }
      let number = 0
      if (callback.place !== undefined) {
        const known = this.#of(callback.stream.client)
        number = known.last = (known.last % 0xffffffff) + 1
        known.running.set(number, callback)
      }
      this.#batch.answer(place, 0, [...callback.words, number, 0])
    }
  }

  /** Notes a callback that was issued on the stream, as operator `seq`. */
  issued(s: StreamState, ring: Ring, place: number, seq: number, blocks: boolean, host: boolean): void {
    const words = [0, 1].flatMap((i) => {
      const word = ring.argument(place & 0xffff, i)
      return [Number(word & 0xffffffffn), Number(word >> 32n)]
    })
    const role: Role = host && s.hostThread !== undefined ? 'hostThread' : 'thread'
    if (host && s[role] === undefined) s[role] = OUR_THREAD
    /* A stream may have lost its thread since: then nobody runs it. */
    const thread = s[role] === undefined ? undefined : this.#thread(s.client, s[role])
    if (thread !== undefined && thread.due.length >= MOST_DUE)
      throw new BadRing(`${MOST_DUE} callbacks that it never takes`)
    const callback = { stream: s, role, thread: thread ?? { streams: 0, due: [], asking: [] }, words, place }
    if (blocks) s.callbacks.set(place, callback)
    else if (thread !== undefined) this.#when(s, seq, () => this.#due({ ...callback, place: undefined }))
  }

  /** The core lets the operator in this place go: whether it is a callback, whose turn it is now. */
  begin(s: StreamState, place: number): boolean {
    const callback = s.callbacks.get(place)
    if (callback === undefined) return false
    this.#when(s, s.handed, () => this.#begun.push(callback))
    return true
  }

  /** Runs `then` when operators of the stream up to `seq` are complete. */
  #when(s: StreamState, seq: number, then: () => void): void {
    if (s.complete >= seq) return then()
    s.completions.add(seq, then)
    const mark = (): void => this.#decider.mark(s)
    if (s.handed >= seq) mark()
    else s.gates.add(seq, mark)
  }

  #due(callback: Callback): void {
    const s = callback.stream
    if (this.#streams.streams[s.number] !== s) return // it has ended
    if (this.#clients.get(s.client)?.threads.get(s[callback.role] ?? -1n) !== callback.thread)
      return this.#returned(callback)
    callback.thread.due.push(callback)
    this.#hand(callback.thread)
  }

  /** The client says that the callback of that number has returned. */
  returned(client: Client, number: number): void {
    const { running } = this.#of(client.number)
    const callback = running.get(number)
    running.delete(number)
    if (callback !== undefined) this.#returned(callback)
  }

  #returned({ stream: s, place }: Callback): void {
    if (place === undefined || !s.callbacks.delete(place)) return
    this.#decider.called(s, place)
  }

  /** What the stream had queued is no more, and callbacks among it. */
  abort(s: StreamState): void {
    for (const place of s.callbacks.keys()) this.#batch.done(place)
    s.callbacks.clear()
    this.#begun = this.#begun.filter((callback) => callback.stream !== s)
    for (const { due } of this.#clients.get(s.client)?.threads.values() ?? [])
      for (let i = due.length - 1; i >= 0; i--) if (due[i]!.stream === s) due.splice(i, 1)
  }

  /** The stream ends, with the callbacks that it still had. */
  drop(s: StreamState): void {
    this.abort(s)
    this.#leave(s, 'thread')
    this.#leave(s, 'hostThread')
  }

  /** Answers calls whose time is over; when the next one's is, Infinity for never. */
  look(): number {
    while (this.#begun.length > 0) this.#due(this.#begun.shift() as Callback)
    let next = Infinity
    for (const { threads } of this.#clients.values())
      for (const { asking } of threads.values())
        for (let i = asking.length - 1; i >= 0; i--) {
          const { place, deadline } = asking[i]!
          if (this.#decider.now < deadline) next = Math.min(next, deadline)
          else {
            asking.splice(i, 1)
            this.#batch.answer(place, NO_CALLBACK)
          }
        }
    return next
  }

  /** The client is gone. */
  forget(client: number): void {
    this.#clients.delete(client)
  }
}
