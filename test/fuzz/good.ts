/** A client that does what programs do, and knows what comes back: whatever another one writes, it must be right. */
import { OpClass } from '../../build/gen/ts/records.ts'
import { api, enumValue } from './values.ts'
import { DATA_TAG } from '../../spec/ring.ts'
import { packed, type Writer } from './writer.ts'
import type { World } from './world.ts'

const BYTES = 4096

const kind = (name: string): bigint => BigInt(enumValue('aclrtMemcpyKind', name))

export class Good {
  readonly #world: World
  readonly #writer: Writer
  readonly #memory: bigint
  readonly #stream: bigint
  #round = 0

  constructor(world: World) {
    this.#world = world
    this.#writer = world.connect()
    const w = this.#writer
    this.#ask(w.call(api('aclrtSetDevice'), packed(0n)))
    this.#stream = this.#made(w.call(api('aclrtCreateStream'), packed(1n)))
    this.#memory = this.#made(w.call(api('aclrtMalloc'), packed(1n, BigInt(BYTES), 0n)))
  }

  #ask(draft: ReturnType<Writer['call']>): Uint8Array {
    const { error, bytes } = this.#world.ask(this.#writer, draft)
    if (error !== 0) throw new Error(`function ${draft.words[4]! >>> 16} answers ${error} to the good client`)
    return bytes
  }

  #made(draft: ReturnType<Writer['call']>): bigint {
    return new DataView(this.#ask(draft).buffer).getBigUint64(0, true)
  }

  /** Bytes to the device and back, and operators in between. Throws where anything is wrong. */
  check(): void {
    const w = this.#writer
    const stream = Number(this.#stream & 0xffffffn)
    const [to, from] = [DATA_TAG << 48n, (DATA_TAG << 48n) + BigInt(BYTES)]
    this.#round++
    for (let i = 0; i < BYTES; i++) w.data[i] = (i * 31 + this.#round * 7) & 0xff
    const size = BigInt(BYTES)
    this.#ask(w.call(api('aclrtMemcpy'), packed(this.#memory, size, to, size, kind('ACL_MEMCPY_HOST_TO_DEVICE'))))
    const fill = packed(this.#memory, size, 0n, size, this.#stream)
    for (let i = 0; i < 8; i++) w.place(w.operator(api('aclrtMemsetAsync'), OpClass.MEMSET, stream, fill))
    w.publish()
    this.#ask(w.call(api('aclrtSynchronizeStream'), packed(this.#stream), stream))
    this.#ask(w.call(api('aclrtMemcpy'), packed(from, size, this.#memory, size, kind('ACL_MEMCPY_DEVICE_TO_HOST'))))
    for (let i = 0; i < BYTES; i++)
      if (w.data[BYTES + i] !== w.data[i]) throw new Error(`byte ${i} of the good client is not what it wrote`)
  }
}
