/**
 * The executor (libflexnpu-executor.so) through ffi-rs: one call a batch. What a batch holds is in docs/daemon.md; nothing
 * here blocks, except wait(), which runs on a thread of its own.
 */
import { createExternalBuffer, DataType, load, open, type JsExternal } from 'ffi-rs'

/** Name under which ffi-rs keeps the library. */
const LIBRARY = 'flexnpu-executor'

/** What a connected peer is, by the kernel's word (SO_PEERCRED). */
export interface Peer {
  pid: number
  uid: number
  gid: number
}

/** The executor refused: what was asked, and the errno or aclError it gave. */
export class ExecutorError extends Error {
  override readonly name = 'ExecutorError'
  readonly code: number

  constructor(what: string, code: number) {
    super(`${what}: ${code}`)
    this.code = code
  }
}

const { I32, U32, U64, U8Array, String: Text, External } = DataType

/** What the loop needs of the executor; tests put another in its place. */
export interface Executor {
  addClient(client: number, peer: Peer): void
  removeClient(client: number): void
  /** The device is done with the block that the client freed first. */
  blockFreed(client: number): void
  /** What aclrtGetMemInfo shows a client at most, bytes. */
  showMemory(client: number, total: number, free: number): void
  addRing(client: number, path: string): { ring: number; memory: Uint8Array }
  removeRing(ring: number): void
  addPin(client: number, path: string, address: bigint, bytes: bigint): void
  removePin(client: number, address: bigint): void
  /** Where the batch is written, and where what was found is read: records of 16 words, valid until the next run. */
  readonly batch: Uint32Array
  readonly found: Uint32Array
  /** Carries out so many words of the batch and looks at markers; how many records were found since. */
  run(words: number): number
  /** After the bell is set, before the last look at the rings; false where clients may have published unseen. */
  fence(): boolean
  wait(bell: Uint8Array, timeoutUs: number): Promise<void>
}

export class NativeExecutor implements Executor {
  readonly found: Uint32Array
  readonly batch: Uint32Array
  readonly #batchWords: Uint32Array
  /* One object for all batches, without parameters: looking at those is most of what such a call costs. */
  readonly #run = {
    library: LIBRARY,
    funcName: 'fxd_run_batch',
    retType: I32,
    paramsType: [],
    paramsValue: [],
    freeResultMemory: false,
  }
  readonly #count: Uint32Array
  readonly #ringBytes: number

  /** Loads the library at `path` and opens the device through the real library. Throws ExecutorError with an aclError. */
  constructor(path: string, real: string, device: number) {
    process.env['FLEXNPU_REAL'] = real // where the executor looks for the real library, as the interposer does
    open({ library: LIBRARY, path })
    const error = this.#number('fxd_open', [I32], [device])
    if (error !== 0) throw new ExecutorError(`${real}: device ${device} does not open`, error)
    const bytes = this.#number('fxd_completions_bytes', [], [])
    const found = createExternalBuffer(this.#external('fxd_completions', [], []), bytes)
    this.#count = new Uint32Array(found.buffer, found.byteOffset, 1)
    this.found = new Uint32Array(found.buffer, found.byteOffset + 8, (bytes - 8) / 4)
    const batch = createExternalBuffer(this.#external('fxd_batch', [], []), this.#number('fxd_batch_bytes', [], []))
    this.#batchWords = new Uint32Array(batch.buffer, batch.byteOffset, 1)
    this.batch = new Uint32Array(batch.buffer, batch.byteOffset + 8, batch.length / 4 - 2)
    this.#ringBytes = this.#number('fxd_ring_bytes', [], [])
  }

  #number(funcName: string, paramsType: DataType[], paramsValue: unknown[]): number {
    return load({ library: LIBRARY, funcName, retType: I32, paramsType, paramsValue }) as number
  }

  #external(funcName: string, paramsType: DataType[], paramsValue: unknown[]): JsExternal {
    return load({ library: LIBRARY, funcName, retType: External, paramsType, paramsValue }) as JsExternal
  }

  #checked(what: string, code: number): number {
    if (code < 0) throw new ExecutorError(what, code)
    return code
  }

  /** What the device says of itself. */
  facts(): { soc: string; cube_cores: number; vector_cores: number; hbm_bytes: bigint } {
    const out = Buffer.alloc(16)
    const error = this.#number('fxd_device_facts', [U8Array], [out])
    if (error !== 0) throw new ExecutorError('facts of the device', error)
    const soc = load({ library: LIBRARY, funcName: 'fxd_soc_name', retType: Text, paramsType: [], paramsValue: [] })
    const [cube_cores, vector_cores] = [out.readUInt32LE(0), out.readUInt32LE(4)]
    return { soc: soc as string, cube_cores, vector_cores, hbm_bytes: out.readBigUInt64LE(8) }
  }

  /** Credentials of the peer of a connected Unix socket. */
  peer(fd: number): Peer {
    const out = Buffer.alloc(12)
    this.#checked('peer credentials', this.#number('fxd_peer', [I32, U8Array], [fd, out]))
    return { pid: out.readUInt32LE(0), uid: out.readUInt32LE(4), gid: out.readUInt32LE(8) }
  }

  addClient(client: number, { uid, pid }: Peer): void {
    this.#checked(`client ${client}`, this.#number('fxd_client_add', [U32, U32, U32], [client, uid, pid]))
  }

  removeClient(client: number): void {
    this.#number('fxd_client_remove', [U32], [client])
  }

  blockFreed(client: number): void {
    this.#number('fxd_blocks_freed', [U32], [client])
  }

  showMemory(client: number, total: number, free: number): void {
    this.#number('fxd_client_memory', [U32, U64, U64], [client, total, free])
  }

  addRing(client: number, path: string): { ring: number; memory: Uint8Array } {
    const ring = this.#checked(path, this.#number('fxd_ring_add', [U32, Text], [client, path]))
    const memory = this.#external('fxd_ring_memory', [I32], [ring])
    return { ring, memory: createExternalBuffer(memory, this.#ringBytes) }
  }

  removeRing(ring: number): void {
    this.#number('fxd_ring_remove', [I32], [ring])
  }

  addPin(client: number, path: string, address: bigint, bytes: bigint): void {
    const parameters = [U32, Text, U64, U64] // user-space addresses: exact as numbers
    this.#checked(path, this.#number('fxd_pin_add', parameters, [client, path, Number(address), Number(bytes)]))
  }

  removePin(client: number, address: bigint): void {
    this.#checked('unpin', this.#number('fxd_pin_remove', [U32, U64], [client, Number(address)]))
  }

  /** The doorbell file, mapped: one word. */
  bell(path: string): Uint8Array {
    return createExternalBuffer(this.#external('fxd_bell', [Text], [path]), 4)
  }

  run(words: number): number {
    this.#batchWords[0] = words
    load(this.#run)
    return this.#count[0] as number
  }

  fence(): boolean {
    return this.#number('fxd_fence', [], []) === 0
  }

  async wait(bell: Uint8Array, timeoutUs: number): Promise<void> {
    const [funcName, paramsType] = ['fxd_wait', [U8Array, U32]] as const
    const paramsValue = [Buffer.from(bell.buffer, bell.byteOffset, 4), timeoutUs]
    await load({
      library: LIBRARY,
      funcName,
      retType: I32,
      paramsType: [...paramsType],
      paramsValue,
      runInNewThread: true,
    })
  }
}
