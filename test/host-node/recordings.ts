/** Makes recordings and event bytes for tests, in a folder that is removed after each test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import wabtInit from 'wabt'
import { encodeEvent, EVENT_BYTES, NONE, OpClass, type EventRecord } from '../../build/gen/ts/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { LogWriter } from '../../host-node/log/writer.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A new empty folder for this test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-test-'))
  folders.push(folder)
  return folder
}

/** Records as the bytes that the core gets. */
export function eventBytes(records: readonly EventRecord[]): Uint8Array {
  const bytes = new Uint8Array(records.length * EVENT_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [i, event] of records.entries()) encodeEvent(view, i * EVENT_BYTES, event)
  return bytes
}

/** A small run: a device, a virtual NPU, two streams that compete, and the end of what they issued. */
export function smallRun(operators = 20): EventRecord[] {
  const host = { flags: 0, stream: NONE }
  let now = 0n
  const time = (): { time_ns: bigint } => ({ time_ns: (now += 1000n) })
  const records: EventRecord[] = [
    {
      ...host,
      ...time(),
      kind: 'DEVICE_ADD',
      device: 0,
      chip: 2,
      cube_cores: 0,
      vector_cores: 0,
      hbm_bytes: 0n,
      hbm_bytes_per_s: 0n,
    },
    {
      ...host,
      ...time(),
      kind: 'TENANT_SET',
      tenant: 1,
      weight: 1000,
      priority: 0,
      stream_limit: 0,
      hbm_quota_bytes: 0n,
    },
    { ...host, ...time(), kind: 'VNPU_ADD', vnpu: 0, tenant: 1, device: 0 },
    { ...host, ...time(), kind: 'POLICY_SET', policy: 1, p0: 0n, p1: 0n, p2: 0n, p3: 0n },
    { flags: 0, stream: 0, ...time(), kind: 'STREAM_ADD', vnpu: 0, priority: 0 },
    { flags: 0, stream: 1, ...time(), kind: 'STREAM_ADD', vnpu: 0, priority: 0 },
  ]
  for (let op = 1; op <= operators; op++) {
    for (const stream of [0, 1]) {
      records.push({
        flags: 0,
        stream,
        ...time(),
        kind: 'OP_SUBMIT',
        op_class: OpClass.KERNEL,
        api: 0,
        sync_object: NONE,
        key: BigInt(0xabc + stream),
        blocks: 24,
        args_bytes: 64,
        bytes: 0n,
        op_seq: BigInt(op),
        evidence: 0,
      })
    }
  }
  return records
}

/** The tiny core of fixtures/tiny-core.wat. */
export async function tinyCoreWasm(): Promise<Uint8Array<ArrayBuffer>> {
  const file = fileURLToPath(new URL('fixtures/tiny-core.wat', import.meta.url))
  const wabt = await wabtInit()
  const module = wabt.parseWat(file, readFileSync(file, 'utf8'), { bulk_memory: true })
  const bytes = new Uint8Array(module.toBinary({}).buffer)
  module.destroy()
  return bytes
}

/** What to change in a recording, to see that it is found. */
export interface Tampering {
  /** Changes the decisions of the frame with this number (from 0). */
  decisions?: (records: Uint8Array, frame: number) => Uint8Array
  /** Called instead of closing the recording. */
  end?: (writer: LogWriter, core: Core) => void
  state?: (state: Uint8Array) => Uint8Array
  core_hash?: Uint8Array
}

/** Records what `core` decides on `events`, in frames of `frame_events`, with a snapshot after every third. */
export function record(
  file: string,
  core: Core,
  events: Uint8Array,
  frame_events = 7,
  tampering: Tampering = {},
): void {
  const writer = new LogWriter(file, {
    start_unix_ns: 1_800_000_000_123_456_789n,
    core_hash: tampering.core_hash ?? Buffer.from(core.hash, 'hex'),
    json: { policy: 'fair' },
  })
  writer.writeNames([
    { kind: 1, id: 0xabcn, name: 'matmul_prefill' },
    { kind: 2, id: 1n, name: 'décodage' },
  ])
  for (let at = 0, frame = 0; at < events.length; at += frame_events * EVENT_BYTES, frame++) {
    const part = events.subarray(at, at + frame_events * EVENT_BYTES)
    const decisions = core.feed(part)
    writer.writeEvents(part)
    writer.writeDecisions(tampering.decisions?.(decisions.slice(), frame) ?? decisions, core.decisionHash())
    if (frame % 3 === 2) writer.writeSnapshot(tampering.state?.(core.snapshot()) ?? core.snapshot())
  }
  writer.writeStats({ calls: { aclrtMalloc: 3, aclrtLaunchKernelWithConfig: 40 }, faults: 0 })
  if (tampering.end) tampering.end(writer, core)
  else writer.close({ decision_hash: core.decisionHash(), state_hash: core.stateHash() })
}
