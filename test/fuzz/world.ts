/**
 * The daemon's engine with its real executor on the simulated NPU, in this process, and clients that write their rings
 * by hand. Kernels and asynchronous copies do nothing on the device (speed `null`): a kernel follows its arguments
 * wherever they lead, which no daemon can keep it from.
 */
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../../host-node/daemon/engine.ts'
import { NativeExecutor } from '../../host-node/daemon/executor.ts'
import { coreWasm } from '../../host-node/cli/artefacts.ts'
import { Core } from '../../host-node/core/core.ts'
import { policyIds } from '../../spec/records.ts'
import { RING_FILE_BYTES, RING_MAGIC, RING_VERSION, ring as layout } from '../../spec/ring.ts'
import { path } from '../../tools/build/steps.ts'
import { Writer, type Draft } from './writer.ts'

/** An answer takes no longer, ms; a device that does nothing is quick. */
const PATIENCE_MS = 20_000

export class World {
  readonly engine: Engine
  readonly expelled: { client: number; why: string }[] = []
  readonly #executor: NativeExecutor
  readonly #bell = join(tmpdir(), `flexnpu-fuzz-${process.pid}.bell`)
  #files = 0

  constructor(policy: string) {
    process.env['FLEXNPU_SIM_SPEED'] = 'null'
    this.#executor = new NativeExecutor(path('build', 'host-shim', 'libflexnpu.so'), path('build', 'npu-sim'), 0)
    const bell = this.#executor.bell(this.#bell)
    this.engine = new Engine({
      core: new Core(coreWasm()),
      executor: this.#executor,
      bell: new Uint32Array(bell.buffer, bell.byteOffset, 1),
      clock: () => performance.now() * 1e6,
      onExpel: ({ number }, why) => this.expelled.push({ client: number, why }),
    })
    this.engine.begin({ device: 0, chip: 0, ...this.#executor.facts() })
    this.engine.setPolicy(policyIds[policy] as number)
    this.engine.setTenant({ tenant: 0, weight: 1000, priority: 0, stream_limit: 0, hbm_quota_bytes: 0n })
  }

  /** A client with one thread. */
  connect(): Writer {
    const uid = process.getuid?.() ?? 0
    const client = this.engine.addClient({ pid: process.pid, uid, gid: 0 }, 0)
    const name = `/dev/shm/flexnpu.${uid}.${process.pid}.${this.#files++}`
    const descriptor = openSync(name, 'wx+', 0o600)
    try {
      ftruncateSync(descriptor, RING_FILE_BYTES)
      const header = new DataView(new ArrayBuffer(24))
      header.setBigUint64(0, RING_MAGIC, true)
      for (const [i, fact] of [RING_VERSION, layout.RING_RECORDS, layout.RING_ARGS_BYTES].entries())
        header.setUint32(8 + 4 * i, fact, true)
      writeSync(descriptor, new Uint8Array(header.buffer), 0, 24, 0)
      this.engine.addRing(client, name)
    } finally {
      rmSync(name, { force: true })
    }
    return new Writer(client, client.rings[0]!, descriptor)
  }

  isExpelled(writer: Writer): boolean {
    return !this.engine.loop.clients.has(writer.client.number)
  }

  /** Sends one call and waits for its answer. */
  ask(writer: Writer, draft: Draft): { error: number; bytes: Uint8Array } {
    writer.place(draft)
    writer.publish()
    const limit = performance.now() + PATIENCE_MS
    for (;;) {
      this.engine.loop.round()
      const { answer } = writer
      if (answer !== undefined) return answer
      if (this.isExpelled(writer)) throw new Error(`expelled: ${this.expelled.at(-1)?.why}`)
      if (performance.now() > limit) throw new Error(`no answer to a call of function ${draft.words[4]! >>> 16}`)
    }
  }

  leave(writer: Writer): void {
    this.engine.removeClient(writer.client)
    closeSync(writer.descriptor)
  }

  end(): void {
    for (const client of this.engine.loop.clients.values()) this.engine.removeClient(client)
    rmSync(this.#bell, { force: true })
  }
}
