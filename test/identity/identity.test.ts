/**
 * The promise that everything rests on: one recorded event stream, fed to the core in V8, as C on this machine, and as C
 * on aarch64 (under qemu), gives the decisions and the state that were recorded, bit for bit.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWasm2c } from '../../bench/core/hosts.ts'
import { Core } from '../../host-node/core/core.ts'
import { LogReader } from '../../host-node/log/reader.ts'
import { hex64 } from '../../host-node/replay/replay.ts'
import { path } from '../../tools/build/steps.ts'
import { policies, preloaded } from '../shim/run.ts'
import { workshop, type Workshop } from '../shim/workshop.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-identity-'))
const run = promisify(execFile)
let w: Workshop
let hosts: { native: string; aarch64: string }

beforeAll(async () => {
  w = await workshop('native')
  hosts = { native: await buildWasm2c('native'), aarch64: await buildWasm2c('aarch64') }
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Hashes {
  decision_hash: string
  state_hash: string
}

/** The events of a recording, and the hashes that it ends with. */
function recorded(file: string): { events: Uint8Array; hashes: Hashes } {
  const reader = new LogReader(file)
  const parts: Uint8Array[] = []
  for (const frame of reader.frames()) if (frame.name === 'EVENTS') parts.push(frame.payload.slice())
  const { footer } = reader.end
  reader.close()
  if (footer === undefined) throw new Error(`${file} has no end`)
  const hashes = { decision_hash: hex64(footer.decision_hash), state_hash: hex64(footer.state_hash) }
  return { events: Buffer.concat(parts), hashes }
}

function inV8(events: Uint8Array): Hashes {
  const core = new Core(new Uint8Array(readFileSync(path('build', 'core.wasm'))))
  core.feedTo(events, () => {})
  return { decision_hash: hex64(core.decisionHash()), state_hash: hex64(core.stateHash()) }
}

async function asC(command: string[], events: string): Promise<Hashes> {
  const [program, ...args] = command
  const { stdout } = await run(program!, [...args, events, '0', '0', '1'])
  const { decision_hash, state_hash } = JSON.parse(stdout) as Hashes
  return { decision_hash, state_hash }
}

test.each(policies)(
  'a recording under %s',
  async (policy) => {
    const file = join(folder, `${policy}.flexlog`)
    const env = { FLEXNPU_POLICY: policy, FLEXNPU_RECORD: file, FLEXNPU_SIM_SPEED: '1' }
    expect(await preloaded(w, 'random_order', { args: [w.kernels, '77', '3000'], env })).toMatchObject({ end: 0 })
    const { events, hashes } = recorded(file)
    expect(events.length).toBeGreaterThan(0)
    const bytes = join(folder, `${policy}.events`)
    writeFileSync(bytes, events)
    expect({ host: 'V8', ...inV8(events) }).toEqual({ host: 'V8', ...hashes })
    expect({ host: 'x86-64', ...(await asC([hosts.native], bytes)) }).toEqual({ host: 'x86-64', ...hashes })
    const qemu = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', hosts.aarch64]
    expect({ host: 'aarch64', ...(await asC(qemu, bytes)) }).toEqual({ host: 'aarch64', ...hashes })
  },
  120_000,
)
