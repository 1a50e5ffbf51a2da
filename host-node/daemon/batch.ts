/** Commands for the executor, as docs/daemon.md lays them out: written by the loop, carried out in one call. */
import { ring as layout } from '../../spec/ring.ts'
import type { Client } from './clients.ts'
import type { Ring } from './ring.ts'
import type { StreamState } from './streams.ts'

export const Command = { OPS: 1, MARK: 2, CALL: 3, WAIT: 4, ANSWER: 5, RUN: 6, POST: 7, DROP: 8, TAKE: 9 } as const

/** Flags of OPS. */
export const MARK = 1
export const SAMPLE = 2
/** Flag of CALL: its outcome is reported. */
export const NOTIFY = 1

/** Most words of a batch; a loop looks at isFull before it adds. */
export const CAPACITY = 1 << 18
/** More than any command takes. */
const SPARE = 8192
const SLOTS = layout.RING_RECORDS - 1

/** What the executor is to take from a ring by itself, and where in the batch it writes what came of it. */
export interface Take {
  client: Client
  stream: StreamState
  ring: Ring
  at: number
}

export class Batch {
  readonly words: Uint32Array
  length = 0
  /** Whether somebody waits for what is in it. */
  isAnswering = false
  readonly takes: Take[] = []
  /** Rings by number. */
  readonly rings: (Ring | undefined)[] = []
  /** Rings with places that are free again once the batch was run. */
  readonly touched: Ring[] = []
  /** Where the last command begins, if it is a RUN of this stream that the next place can join; -1 where it is none. */
  #run = -1
  #runStream = -1
  #nextPlace = -1

  /** Writes into memory that the executor reads. */
  constructor(words: Uint32Array = new Uint32Array(CAPACITY)) {
    this.words = words
  }

  /** Whether another event may be worked on before the batch is run. */
  get isFull(): boolean {
    return this.length > CAPACITY - SPARE
  }

  get isEmpty(): boolean {
    return this.length === 0 && this.touched.length === 0
  }

  clear(): void {
    this.length = 0
    this.touched.length = 0
    this.isAnswering = false
    this.takes.length = 0
    this.#run = -1
  }

  /** The batch was run: gives back the places of what was in it. */
  release(): void {
    for (const ring of this.touched) {
      ring.touched = false
      ring.release()
    }
    this.clear()
  }

  /** The record in a place is needed no more, once the batch was run. */
  done(place: number): void {
    const ring = this.rings[place >>> 16]
    if (ring === undefined) return
    ring.done(place & 0xffff)
    if (ring.touched) return
    ring.touched = true
    this.touched.push(ring)
  }

  #command(kind: number, flags: number, words: readonly number[]): void {
    this.#run = -1
    this.words[this.length++] = kind | (flags << 8) | ((words.length + 1) << 16)
    for (const word of words) this.words[this.length++] = word
  }

  /** Hands an operator over that was issued on credit; those that follow one another in a ring are one command. */
  credited(stream: number, place: number): void {
    const { words } = this
    if (this.#run >= 0 && this.#runStream === stream && this.#nextPlace === place) words[this.#run + 3]!++
    else {
      this.#command(Command.RUN, 0, [stream, place, 1])
      this.#run = this.length - 4
      this.#runStream = stream
    }
    this.#nextPlace = ((place & ~0xffff) | ((place + 1) & SLOTS)) >>> 0
    this.done(place)
  }

  /** Lets the executor take what comes on the ring for a stream that has credit: `most` operators. */
  take(client: Client, stream: StreamState, ring: Ring, ticket: number, most: number): void {
    this.#command(Command.TAKE, 0, [stream.number, ring.number, ring.taken, ticket, most, 0])
    this.takes.push({ client, stream, ring, at: this.length - 6 })
  }

  /** The stream's credit has ended: the executor takes nothing of it. */
  takeNothing(stream: StreamState): void {
    for (const take of this.takes) if (take.stream === stream) this.words[take.at + 4] = 0
  }

  /** How many operators were taken. After the batch was run. */
  taken({ at }: Take): number {
    return this.words[at + 5]!
  }

  /** Hands operators over that were decided. */
  ops(stream: number, places: readonly number[], flags: number): void {
    this.#command(Command.OPS, flags, [stream, places.length, ...places])
    for (const place of places) this.done(place)
  }

  mark(stream: number): void {
    this.#command(Command.MARK, 0, [stream])
  }

  call(place: number, number: number, flags: number): void {
    this.isAnswering = true
    this.#command(Command.CALL, flags, [place, number])
    this.done(place)
  }

  post(place: number): void {
    this.#command(Command.POST, 0, [place])
    this.done(place)
  }

  /** Answers a call when the stream is complete up to `seq`. */
  wait(place: number, stream: number, seq: number): void {
    this.isAnswering = true
    this.#command(Command.WAIT, 0, [place, stream, seq >>> 0, Math.floor(seq / 2 ** 32)])
    this.done(place)
  }

  /** Answers a call with an aclError and words of output. */
  answer(place: number, error: number, words: readonly number[] = []): void {
    this.isAnswering = true
    this.#command(Command.ANSWER, 0, [place, error, words.length, ...words])
    this.done(place)
  }

  /** Forgets what is known of a stream that is gone, or begins anew because of `aborted`. */
  drop(stream: number, aborted = 0): void {
    this.#command(Command.DROP, 0, [stream, aborted])
  }
}
