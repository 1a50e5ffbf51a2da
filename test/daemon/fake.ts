/**
 * What the daemon's loop is tested against: an executor that carries batches out on streams of its own, where work takes
 * virtual time, and a client that writes rings as host-shim/remote does. Both keep the layout of docs/daemon.md; what was
 * handed over, and in which order, is there to be looked at.
 */
import { readFileSync } from 'node:fs'
import { ApiId } from '../../build/gen/ts/api.ts'
import { EventKind, OpClass } from '../../build/gen/ts/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { CAPACITY, Command, NOTIFY } from '../../host-node/daemon/batch.ts'
import type { Client } from '../../host-node/daemon/clients.ts'
import { Engine, type EngineOptions } from '../../host-node/daemon/engine.ts'
import type { Executor } from '../../host-node/daemon/executor.ts'
import { RING_FILE_BYTES, ring as layout, RING_MAGIC, RING_VERSION, RingKind } from '../../spec/ring.ts'
import { path } from '../../tools/build/steps.ts'

const NONE = 0xffffffff

/** A call's answer. */
export interface Answer {
  error: number
  words: number[]
}

interface FakeStream {
  handed: number
  /** Virtual time at which everything handed over is complete. */
  until: number
  /** Markers under way: number of the last operator before it, and when that is complete. */
  markers: { seq: number; at: number; count: number; ns: number }[]
  waits: { place: number; seq: number }[]
}

export class FakeExecutor implements Executor {
  now = 0
  readonly batch = new Uint32Array(CAPACITY)
  readonly found = new Uint32Array(16 * 65_536)
  /** Device time of an operator, ns. */
  opNs = 10_000
  /** Operators handed over: stream and the client's own number for it (its key). */
  readonly handed: { stream: number; key: number }[] = []
  readonly answers = new Map<number, Answer[]>()
  readonly memories: Uint8Array[] = []
  readonly removed: number[] = []
  /** Device memory by address. */
  readonly blocks = new Map<bigint, bigint>()
  readonly #streams = new Map<number, FakeStream>()
  #found: number[][] = []
  #address = 0x1000n

  addClient(): void {}
  removeClient(client: number): void {
    this.removed.push(client)
  }
  showMemory(): void {}
  blockFreed(): void {}
  addRing(): { ring: number; memory: Uint8Array } {
    const memory = new Uint8Array(RING_FILE_BYTES)
    const view = new DataView(memory.buffer)
    view.setBigUint64(0, RING_MAGIC, true)
    view.setUint32(8, RING_VERSION, true)
    view.setUint32(12, layout.RING_RECORDS, true)
    view.setUint32(16, layout.RING_ARGS_BYTES, true)
    this.memories.push(memory)
    return { ring: this.memories.length - 1, memory }
  }
  removeRing(): void {}
  addPin(): void {}
  removePin(): void {}
  fence(): boolean {
    return true
  }
  async wait(): Promise<void> {}

  #stream(number: number): FakeStream {
    const s = this.#streams.get(number) ?? { handed: 0, until: 0, markers: [], waits: [] }
    this.#streams.set(number, s)
    return s
  }

  #view(place: number): DataView {
    const memory = this.memories[place >>> 16] as Uint8Array
    return new DataView(memory.buffer, layout.RING_HEADER_BYTES + (place & 0xffff) * 64)
  }

  #answer(place: number, error: number, words: number[] = []): void {
    const ring = place >>> 16
    this.answers.set(ring, [...(this.answers.get(ring) ?? []), { error, words }])
  }

  #called(place: number, number: number, error: number, value: bigint): void {
    this.#found.push([0x9001, place, 0, 0, error, number, Number(value & 0xffffffffn), Number(value >> 32n), 0])
  }

  #ops(s: FakeStream, stream: number, places: Uint32Array, flags: number): void {
    const from = Math.max(s.until, this.now)
    for (const place of places) this.handed.push({ stream, key: Number(this.#view(place).getBigUint64(24, true)) })
    s.handed += places.length
    s.until = from + places.length * this.opNs
    if (flags !== 0) s.markers.push({ seq: s.handed, at: s.until, count: places.length, ns: places.length * this.opNs })
  }

  /** As host-shim/executor/take.c does it, but one record after another as they are now. */
  #take(stream: number, ring: number, taken: number, ticket: number, most: number): number {
    const memory = this.memories[ring] as Uint8Array
    const header = new DataView(memory.buffer)
    let count = 0
    for (; count < most && header.getUint32(64, true) !== taken + count; count++) {
      const place = ((ring << 16) | ((taken + count) & (layout.RING_RECORDS - 1))) >>> 0
      const view = this.#view(place)
      const ours = view.getUint16(0, true) === EventKind.OP_SUBMIT && view.getUint32(4, true) === stream
      const isNext = view.getUint32(60, true) === ticket + count
      const opClass = view.getUint16(16, true)
      if (!ours || !isNext || view.getUint32(20, true) !== NONE || opClass > OpClass.MEMSET) break
      this.#ops(this.#stream(stream), stream, Uint32Array.of(place), 0)
      header.setUint32(132, view.getUint32(8, true) + view.getUint32(12, true), true)
      header.setUint32(128, taken + count + 1, true)
    }
    return count
  }

  #call(place: number, number: number, flags: number): void {
    const view = this.#view(place)
    const api = view.getUint16(18, true)
    const argument = (i: number): bigint =>
      new DataView((this.memories[place >>> 16] as Uint8Array).buffer).getBigUint64(
        layout.RING_HEADER_BYTES + layout.RING_RECORDS * 64 + view.getUint32(8, true) + 8 * i,
        true,
      )
    let value = 0n
    const words: number[] = []
    if (api === ApiId.aclrtMalloc) {
      this.#address += 0x1000n
      this.blocks.set(this.#address, argument(1))
      words.push(Number(this.#address))
    } else if (api === ApiId.aclrtFree) {
      value = this.blocks.get(argument(0)) ?? 0n
      this.blocks.delete(argument(0))
    } else if (number !== NONE) words.push(number)
    this.#answer(place, 0, words)
    if ((flags & NOTIFY) !== 0) this.#called(place, number, 0, value)
  }

  run(words: number): number {
    const { batch } = this
    for (let at = 0; at < words;) {
      const head = batch[at] as number
      const [kind, flags, length] = [head & 0xff, (head >>> 8) & 0xff, head >>> 16]
      const w = batch.subarray(at + 1, at + length)
      const [a = 0, b = 0] = w
      if (kind === Command.OPS) this.#ops(this.#stream(a), a, w.subarray(2, 2 + b), flags)
      else if (kind === Command.RUN) {
        const places = Uint32Array.from(
          { length: w[2] as number },
          (_, i) => (b & ~0xffff) | ((b + i) & (layout.RING_RECORDS - 1)),
        )
        this.#ops(this.#stream(a), a, places, 0)
      } else if (kind === Command.MARK) {
        const s = this.#stream(a)
        s.markers.push({ seq: s.handed, at: Math.max(s.until, this.now), count: 0, ns: 0 })
      } else if (kind === Command.CALL) this.#call(a, b, flags)
      else if (kind === Command.WAIT && b === NONE) this.#answer(a, 0)
      else if (kind === Command.WAIT) {
        const s = this.#stream(b)
        s.waits.push({ place: a, seq: w[2] as number })
        s.markers.push({ seq: s.handed, at: Math.max(s.until, this.now), count: 0, ns: 0 })
      } else if (kind === Command.ANSWER) this.#answer(a, b, [...w.subarray(3)])
      else if (kind === Command.DROP) this.#streams.delete(a)
      else if (kind === Command.TAKE) w[5] = this.#take(a, b, w[2] as number, w[3] as number, w[4] as number)
      at += length
    }
    this.#look()
    const found = this.#found
    this.#found = []
    for (const [i, record] of found.entries()) this.found.set(record, i * 16)
    return found.length
  }

  #look(): void {
    for (const [number, s] of this.#streams) {
      const done = s.markers.filter((m) => m.at <= this.now)
      s.markers = s.markers.filter((m) => m.at > this.now)
      for (const m of done) this.#found.push([EventKind.OP_COMPLETE, number, 0, 0, m.seq, 0, m.ns, 0, 0, 0, m.count])
      if (s.until > this.now) continue
      for (const { place, seq } of s.waits) {
        if (seq > s.handed) throw new Error(`a wait for ${seq} of stream ${number}, which has ${s.handed}`)
        this.#answer(place, 0)
      }
      s.waits = []
    }
  }
}

/** A thread of a client: writes records. Tickets are counted over the threads of one process. */
export class Thread {
  readonly #memory: Uint8Array
  readonly #view: DataView
  readonly #process: { ticket: number }
  #head = 0
  #args = 0

  constructor(memory: Uint8Array, process: { ticket: number }) {
    this.#memory = memory
    this.#view = new DataView(memory.buffer)
    this.#process = process
  }

  /** Writes any record: what a client of ours would not. `fields` are by byte offset, u32. */
  record(kind: number, fields: Record<number, number>, args: bigint[] = [], ticket = this.#process.ticket++): void {
    const at = layout.RING_HEADER_BYTES + (this.#head % layout.RING_RECORDS) * 64
    this.#memory.fill(0, at, at + 64)
    const place = layout.RING_HEADER_BYTES + layout.RING_RECORDS * 64 + (this.#args % layout.RING_ARGS_BYTES)
    for (const [i, value] of args.entries()) this.#view.setBigUint64(place + 8 * i, value, true)
    this.#view.setUint32(at, kind, true)
    this.#view.setUint32(at + 8, this.#args, true)
    this.#view.setUint32(at + 12, args.length * 8, true)
    for (const [offset, value] of Object.entries(fields)) this.#view.setUint32(at + Number(offset), value, true)
    this.#view.setUint32(at + 60, ticket, true)
    this.#args += args.length * 8
    this.#head++
    this.#view.setUint32(64, this.#head, true)
  }

  op(stream: number, key: number, opClass: number = OpClass.KERNEL, object = NONE): void {
    const api = {
      [OpClass.EVENT_RECORD]: ApiId.aclrtRecordEvent,
      [OpClass.EVENT_WAIT]: ApiId.aclrtStreamWaitEvent,
    }[opClass]
    const name = api ?? (ApiId.aclrtLaunchKernel as number)
    this.record(EventKind.OP_SUBMIT, { 4: stream, 16: opClass | (name << 16), 20: object, 24: key, 32: 24 })
  }

  call(name: string, stream = NONE, args: bigint[] = []): void {
    this.record(RingKind.CALL, { 4: stream, 16: (ApiId[name] as number) << 16 }, args)
  }

  get freed(): number {
    return this.#view.getUint32(128, true)
  }
  get gone(): boolean {
    return this.#view.getUint32(256, true) === 1
  }
}

/** A daemon with its clients, in virtual time. */
export class Bench {
  readonly executor = new FakeExecutor()
  readonly events: Uint8Array[] = []
  readonly decisions: Uint8Array[] = []
  readonly named = new Map<bigint, string>()
  readonly expelled: { client: number; why: string }[] = []
  readonly core = new Core(new Uint8Array(readFileSync(path('build', 'core.wasm'))))
  readonly engine: Engine

  constructor(options: Partial<EngineOptions> = {}) {
    this.engine = new Engine({
      core: this.core,
      executor: this.executor,
      bell: new Uint32Array(1),
      clock: () => this.executor.now,
      recorder: {
        isOn: true,
        take: (event, decisions) => {
          this.events.push(event.slice())
          this.decisions.push(decisions.slice())
        },
        name: (_kind, id, name) => this.named.set(id, name),
      },
      onExpel: ({ number }, why) => this.expelled.push({ client: number, why }),
      ...options,
    })
    this.engine.begin({ device: 0, chip: 2, cube_cores: 24, vector_cores: 48, hbm_bytes: 1n << 36n })
  }

  client(threads = 1, tenant = 0): { client: Client; threads: Thread[]; rings: number[] } {
    const client = this.engine.addClient({ pid: 1, uid: 0, gid: 0 }, tenant)
    const process = { ticket: 1 }
    const rings = Array.from({ length: threads }, () => this.engine.addRing(client, 'ring'))
    return { client, rings, threads: rings.map((r) => new Thread(this.executor.memories[r] as Uint8Array, process)) }
  }

  /** Lets so much virtual time pass, round by round. */
  run(ns: number, step = 5_000): void {
    const until = this.executor.now + ns
    while (this.executor.now < until) {
      this.executor.now += step
      this.engine.loop.round()
    }
  }

  /** Makes a stream for a thread; its number. */
  stream(thread: Thread, ring: number): number {
    thread.call('aclrtCreateStream', NONE, [1n])
    this.run(20_000)
    return this.last(ring).words[0] as number
  }

  event(thread: Thread, ring: number): number {
    thread.call('aclrtCreateEvent', NONE, [1n])
    this.run(20_000)
    return this.last(ring).words[0] as number
  }

  last(ring: number): Answer {
    const answers = this.executor.answers.get(ring) ?? []
    return answers.at(-1) as Answer
  }

  answers(ring: number): number {
    return this.executor.answers.get(ring)?.length ?? 0
  }
}
