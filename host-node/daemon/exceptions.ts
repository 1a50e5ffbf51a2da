/**
 * Exceptions of clients' operators on their way to the client: the executor says what failed on whose stream
 * (host-shim/executor/exceptions.c), a thread of the client asks for the next one and is answered when there is one.
 */
import type { Batch } from './batch.ts'
import type { Client } from './clients.ts'

/** That a client has not asked for; the oldest goes, as the newest says more of what is wrong now. */
const MOST_WAITING = 1024
interface ClientExceptions {
  /** Words of each: number, operator, stream, error, and the kernel's handle, low and high. */
  readonly waiting: number[][]
  readonly asking: number[]
}

export class Exceptions {
  readonly #clients = new Map<number, ClientExceptions>()
  readonly #batch: Batch

  constructor(batch: Batch) {
    this.#batch = batch
  }

  #of(client: number): ClientExceptions {
    const known = this.#clients.get(client) ?? { waiting: [], asking: [] }
    this.#clients.set(client, known)
    return known
  }

  /** A thread of the client asks for the next one. */
  next(client: Client, place: number): void {
    const known = this.#of(client.number)
    known.asking.push(place)
    this.#hand(known)
  }

  /** One happened: a record of the executor, 16 words from `at` (docs/daemon.md). */
  happened(words: Uint32Array, at: number): void {
    const known = this.#of(words[at + 4]!)
    known.waiting.push([...words.subarray(at + 5, at + 9), words[at + 10]!, words[at + 11]!])
    if (known.waiting.length > MOST_WAITING) known.waiting.shift()
    this.#hand(known)
  }

  #hand({ waiting, asking }: ClientExceptions): void {
    while (waiting.length > 0 && asking.length > 0)
      this.#batch.answer(asking.shift() as number, 0, waiting.shift() as number[])
  }

  /** The client is gone. */
  forget(client: number): void {
    this.#clients.delete(client)
  }
}
