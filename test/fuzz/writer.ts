/**
 * A thread of a client that writes its ring by hand, in the memory that the daemon has mapped: valid records, and any
 * other bytes. Reads answers, too.
 */
import { RingKind, ring as layout } from '../../spec/ring.ts'
import { NONE } from '../../spec/records.ts'
import { EventKind } from '../../build/gen/ts/records.ts'
import type { Client } from '../../host-node/daemon/clients.ts'
import type { Ring } from '../../host-node/daemon/ring.ts'

const RECORDS = layout.RING_HEADER_BYTES
const ARGS = RECORDS + layout.RING_RECORDS * layout.RING_RECORD_BYTES
const REPLY = ARGS + layout.RING_ARGS_BYTES
const DATA = REPLY + layout.RING_REPLY_BYTES

/** A record before it is written: its 16 words, and its arguments. */
export interface Draft {
  words: Uint32Array
  args: Uint8Array
}

/** Words of 8 bytes, as arguments are packed. */
export const packed = (...values: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer)

export class Writer {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly data: Uint8Array
  #head = 0
  #args = 0
  #ticket = 1
  #calls = 0

  readonly client: Client
  readonly ring: Ring
  /** The ring's file. */
  readonly descriptor: number

  constructor(client: Client, ring: Ring, descriptor: number) {
    this.descriptor = descriptor
    this.client = client
    this.ring = ring
    const { buffer, byteOffset, byteLength } = ring.words
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength)
    this.view = new DataView(buffer, byteOffset, byteLength)
    this.data = this.bytes.subarray(DATA)
  }

  call(api: number, args: Uint8Array, stream = NONE, object = NONE): Draft {
    const words = new Uint32Array(16)
    words.set([RingKind.CALL, stream, 0, args.length, api << 16, object, ++this.#calls])
    return { words, args }
  }

  operator(api: number, opClass: number, stream: number, args: Uint8Array, object = NONE): Draft {
    const words = new Uint32Array(16)
    words.set([EventKind.OP_SUBMIT, stream, 0, args.length, opClass | (api << 16), object, 1, 0, 24, args.length])
    return { words, args }
  }

  returned(callback: number): Draft {
    const words = new Uint32Array(16)
    words.set([RingKind.RETURNED, NONE, 0, 0, 0, NONE, callback])
    return { words, args: new Uint8Array(0) }
  }

  /** Number of the newest call. */
  get calls(): number {
    return this.#calls
  }

  /** Puts a draft into the next place: position and ticket are filled in. Not published yet. */
  place(draft: Draft): number {
    const at = RECORDS + (this.#head % layout.RING_RECORDS) * layout.RING_RECORD_BYTES
    const position = this.#args % layout.RING_ARGS_BYTES
    if (position + draft.args.length > layout.RING_ARGS_BYTES) this.#args += layout.RING_ARGS_BYTES - position
    draft.words[2] = this.#args
    draft.words[15] = this.#ticket
    this.bytes.set(new Uint8Array(draft.words.buffer), at)
    this.bytes.set(draft.args, ARGS + (this.#args % layout.RING_ARGS_BYTES))
    this.#args = (this.#args + ((draft.args.length + 7) & ~7)) >>> 0
    this.#ticket++
    this.#head = (this.#head + 1) >>> 0
    return at
  }

  /** Where the arguments of a placed record are. */
  argsOf(at: number): number {
    return ARGS + (this.view.getUint32(at + 8, true) % layout.RING_ARGS_BYTES)
  }

  publish(jump = 0): void {
    this.view.setUint32(64, (this.#head + jump) >>> 0, true)
  }

  /** Records that the daemon has taken and is done with. */
  get done(): number {
    return this.view.getUint32(128, true)
  }

  get isDrained(): boolean {
    return this.done === this.#head
  }

  /** The answer to the newest call: its error and its bytes; undefined before it came. */
  get answer(): { error: number; bytes: Uint8Array } | undefined {
    if (this.view.getUint32(192, true) !== this.#calls) return undefined
    const length = this.view.getUint32(204, true)
    return { error: this.view.getInt32(200, true), bytes: this.bytes.slice(REPLY, REPLY + length) }
  }
}
