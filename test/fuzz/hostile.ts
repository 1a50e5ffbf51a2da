/**
 * A client that writes what no client of ours would: its traffic is what programs issue, with some of its bits, fields
 * and arguments changed, before it is published or while it is being read.
 */
import { ftruncateSync } from 'node:fs'
import { ApiId } from '../../build/gen/ts/api.ts'
import { OpClass } from '../../build/gen/ts/records.ts'
import { DATA_TAG, ring as layout } from '../../spec/ring.ts'
import { Random } from './random.ts'
import { api, words32, words64 } from './values.ts'
import type { World } from './world.ts'
import { packed, type Draft, type Writer } from './writer.ts'

const BYTES = 65_536n
const apis = Object.values(ApiId) as number[]

/** What a client holds, by the handles and addresses that it was given. */
interface Held {
  stream: bigint
  other: bigint
  event: bigint
  memory: bigint
}

const index = (handle: bigint): number => Number(handle & 0xffffffn)

export class Hostile {
  readonly #world: World
  readonly #random: Random
  readonly #writer: Writer
  readonly #held: Held
  /** Mutated records that it has published. */
  records = 0

  constructor(world: World, random: Random) {
    this.#world = world
    this.#random = random
    const w = (this.#writer = world.connect())
    const made = (draft: Draft): bigint => {
      const { error, bytes } = world.ask(w, draft)
      if (error !== 0) throw new Error(`function ${draft.words[4]! >>> 16} answers ${error}`)
      return bytes.length < 8 ? 0n : new DataView(bytes.buffer).getBigUint64(0, true)
    }
    made(w.call(api('aclrtSetDevice'), packed(0n)))
    const stream = made(w.call(api('aclrtCreateStream'), packed(1n)))
    const other = made(w.call(api('aclrtCreateStream'), packed(1n)))
    const event = made(w.call(api('aclrtCreateEvent'), packed(1n)))
    const memory = made(w.call(api('aclrtMalloc'), packed(1n, BYTES, 0n)))
    this.#held = { stream, other, event, memory }
  }

  /** One record as a program could have issued it. */
  #draft(): Draft {
    const w = this.#writer
    const { stream, other, event, memory } = this.#held
    const number = index(stream)
    const size = BigInt(this.#random.below(4096) + 1)
    const data = DATA_TAG << 48n
    const drafts: (() => Draft)[] = [
      () => w.operator(api('aclrtMemsetAsync'), OpClass.MEMSET, number, packed(memory, BYTES, 7n, size, stream)),
      () =>
        w.operator(api('aclrtMemcpyAsync'), OpClass.COPY_H2D, number, packed(memory, BYTES, data, size, 1n, stream)),
      () =>
        w.operator(api('aclrtMemcpyAsync'), OpClass.COPY_D2H, number, packed(data, BYTES, memory, size, 2n, stream)),
      () => w.operator(api('aclrtRecordEvent'), OpClass.EVENT_RECORD, number, packed(event, stream), index(event)),
      () =>
        w.operator(api('aclrtStreamWaitEvent'), OpClass.EVENT_WAIT, index(other), packed(other, event), index(event)),
      () => w.call(api('aclrtMemcpy'), packed(memory, BYTES, data, size, 1n)),
      () => w.call(api('aclrtMemset'), packed(memory, BYTES, 1n, size)),
      () => w.call(api('aclrtMalloc'), packed(1n, size, 0n)),
      () => w.call(api('aclrtStreamQuery'), packed(stream, 1n), number),
      () => w.call(api('aclrtSynchronizeStream'), packed(stream), number),
      () => w.call(api('aclrtQueryEventStatus'), packed(event, 1n), 0xffffffff, index(event)),
      () => w.call(api('aclrtBinaryLoadFromData'), packed(data, size, 0xffffffffffffffffn, 1n)),
      () => w.call(api('aclrtBinaryGetFunction'), packed(this.#random.pick(words64), 3n, 0x636261n, 1n)),
      () => w.call(api('aclrtReserveMemAddress'), packed(1n, 0x200000n, 0n, 0n, 0n)),
      () => w.call(api('aclrtSubscribeReport'), packed(size % 4n, 0n), number),
      () => w.call(api('aclrtUnSubscribeReport'), packed(size % 4n, 0n), number),
      () => w.call(api('aclrtProcessReport'), packed(size % 4n, 1n)),
      () => w.operator(api('aclrtLaunchCallback'), OpClass.CALLBACK, number, packed(size, size)),
      () => w.operator(api('aclrtLaunchHostFunc'), OpClass.CALLBACK_BLOCK, index(other), packed(size, size)),
      () => w.returned(Number(size % 8n)),
      () => w.call(this.#random.pick(apis), packed(...Array.from({ length: 6 }, () => this.#random.pick(words64)))),
    ]
    return this.#random.pick(drafts)()
  }

  #mutate({ words, args }: Draft): void {
    const r = this.#random
    const way = r.below(6)
    const view = new DataView(args.buffer, args.byteOffset, args.byteLength)
    if (way === 0) words[r.below(15)]! ^= 1 << r.below(32)
    else if (way === 1) words[r.below(15)] = r.pick(words32)
    else if (way === 2) words[3] = r.chance(16) ? r.pick(words32) : r.below(args.length + 24)
    else if (args.length >= 8) {
      const at = r.below(args.length / 8) * 8
      if (way === 3) args[at + r.below(8)]! ^= 1 << r.below(8)
      else if (way === 4) view.setBigUint64(at, r.pick(words64), true)
      else view.setBigUint64(at, (BigInt(r.u32()) << 32n) | BigInt(r.u32()), true)
    } else words[4] = r.u32()
  }

  /** After it was placed: what only a client that shares the memory can do. */
  #disturb(at: number): void {
    const r = this.#random
    const { view, bytes } = this.#writer
    const way = r.below(5)
    if (way === 0) view.setUint32(at + 8, r.u32(), true)
    else if (way === 1) view.setUint32(at + 60, r.u32(), true)
    else if (way === 2) view.setUint32(64 + 4 * r.below(100), r.u32(), true)
    else if (way === 3) view.setUint32(at, r.u32(), true)
    else bytes[this.#writer.argsOf(at) % (bytes.length - 1)] = r.below(256)
  }

  /** Publishes up to `most` mutated records and lets the daemon work on them; false where it was expelled, or is stuck. */
  burst(most: number): boolean {
    const world = this.#world
    const w = this.#writer
    const count = 1 + this.#random.below(most)
    for (let i = 0; i < count; i++) {
      const draft = this.#draft()
      this.#mutate(draft)
      if (draft.args.length > layout.RING_ARGS_BYTES / 64) continue
      const at = w.place(draft)
      if (this.#random.chance(64)) this.#disturb(at)
      this.records++
    }
    w.publish(this.#random.chance(512) ? this.#random.u32() : 0)
    if (this.#random.chance(256)) ftruncateSync(w.descriptor, this.#random.below(3) * 4096)
    for (let round = 0; round < 40; round++) {
      world.engine.loop.round()
      if (world.isExpelled(w)) return false
      if (w.isDrained) return true
    }
    return false
  }

  leave(): void {
    this.#world.leave(this.#writer)
  }
}
