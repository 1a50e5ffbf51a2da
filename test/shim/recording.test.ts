/**
 * Recordings: what the native core decided in a program's process, V8 decides again from the file, for every policy;
 * what a killed process leaves replays up to its tear.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, truncateSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { npmProgram, path } from '../../tools/build/steps.ts'
import { policies, preloaded } from './run.ts'
import { workshop, type Workshop } from './workshop.ts'

let w: Workshop
let folder: string

beforeAll(async () => {
  w = await workshop('native')
  folder = mkdtempSync(join(tmpdir(), 'flexnpu-recordings-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Replayed {
  code: number
  events: number
  decisions: number
  differences: number
  state_hash: string
  core_match: boolean
  /** Where the file is torn, null where it is not. */
  torn: unknown
}

/** `flexnpu replay FILE --json`. */
const replay = (file: string): Promise<Replayed> =>
  new Promise((resolve, reject) => {
    const args = [path('host-node', 'cli', 'main.ts'), 'replay', file, '--json']
    execFile(npmProgram('tsx'), args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      try {
        const code = (error as { code?: number } | null)?.code ?? 0
        resolve({ torn: null, ...(JSON.parse(stdout) as Partial<Replayed>), code } as Replayed)
      } catch {
        reject(new Error(`replay ${file}: ${stderr}`))
      }
    })
  })

/** `flexnpu inspect FILE --events --json`. */
const inspect = (file: string): Promise<{ event_records: { kind: string; bytes: number }[] }> =>
  new Promise((resolve, reject) => {
    const args = [path('host-node', 'cli', 'main.ts'), 'inspect', file, '--events', '--limit', '0', '--json']
    execFile(npmProgram('tsx'), args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      error === null
        ? resolve(JSON.parse(stdout) as { event_records: { kind: string; bytes: number }[] })
        : reject(new Error(`inspect ${file}: ${stderr}`)),
    )
  })

/** Memory that is taken and given back at once. */
const step = (bytes: number): unknown[] => [
  ['MEM_ALLOC', bytes],
  ['MEM_FREE', bytes],
]

describe('a whole recording', () => {
  for (const policy of policies)
    it(`of random programs under ${policy} replays without a difference`, async () => {
      for (const seed of [3, 17, 901]) {
        const file = join(folder, `${policy}-${seed}.flexlog`)
        const args = [w.kernels, String(seed), '1500']
        const env = { FLEXNPU_POLICY: policy, FLEXNPU_RECORD: file, FLEXNPU_SIM_SPEED: seed === 17 ? '1' : 'max' }
        expect(await preloaded(w, 'random_order', { args, env })).toMatchObject({
          end: 0,
          stats: { fault_messages: [] },
        })
        const replayed = await replay(file)
        expect(replayed).toMatchObject({ code: 0, differences: 0, core_match: true, torn: null })
        /* Few where streams were alone: what goes on credit is one event for many operators. */
        expect(replayed.events).toBeGreaterThan(10)
        expect(replayed.decisions).toBeGreaterThan(3)
      }
    })

  it('says of physical memory that it is there until neither a handle nor a mapping of it is left', async () => {
    const file = join(folder, 'physical.flexlog')
    const under = await preloaded(w, 'physical', { args: [w.simKernels], env: { FLEXNPU_RECORD: file } })
    expect(under).toMatchObject({ end: 0, stdout: 'ok\n', stats: { fault_messages: [] } })
    const { event_records } = await inspect(file)
    const memory = event_records.filter(({ kind }) => kind.startsWith('MEM_')).map(({ kind, bytes }) => [kind, bytes])
    expect(memory).toEqual([
      ['MEM_ALLOC', 4 << 20],
      ...step(1000),
      ...step(1001),
      ['MEM_FREE', 4 << 20],
      ...step(1002),
      ['MEM_ALLOC', 6 << 20],
      ...step(1003),
      ['MEM_FREE', 6 << 20],
      ...step(1004),
    ])
  })

  it('of devices, contexts and AscendCL that end and begin again', async () => {
    for (const trap of ['destroy_context', 'reset_device', 'finalize', 'destroy_stream_by_force', 'destroy_event']) {
      const file = join(folder, `${trap}.flexlog`)
      const under = await preloaded(w, 'end_traps', { args: [w.kernels, trap], env: { FLEXNPU_RECORD: file } })
      expect(under).toMatchObject({ end: 0, stats: { fault_messages: [] } })
      expect(await replay(file)).toMatchObject({ code: 0, differences: 0, torn: null })
    }
  })

  it('of a program that leaves with work under way', async () => {
    const file = join(folder, 'leave.flexlog')
    expect(
      await preloaded(w, 'end_traps', { args: [w.kernels, 'leave'], env: { FLEXNPU_RECORD: file } }),
    ).toMatchObject({
      end: 0,
    })
    expect(await replay(file)).toMatchObject({ code: 0, differences: 0, torn: null })
  })

  it('of two devices: a file each', async () => {
    const file = join(folder, 'two.flexlog')
    const env = { FLEXNPU_RECORD: file, FLEXNPU_SIM_DEVICES: '2' }
    await preloaded(w, 'order_traps', { args: [w.kernels, 'event_across_devices'], env })
    for (const one of [file, `${file}.device1`])
      expect(await replay(one)).toMatchObject({ code: 0, differences: 0, torn: null })
  })

  it('does not write over a file', async () => {
    const file = join(folder, 'twice.flexlog')
    await preloaded(w, 'linked', { env: { FLEXNPU_RECORD: file } })
    const before = statSync(file)
    await preloaded(w, 'linked', { env: { FLEXNPU_RECORD: file } })
    expect(statSync(file)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs })
  })
})

/** Starts a program that never ends, kills it once it says that it is well under way, and waits for its end. */
const kill = (file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(join(w.programs, 'endless'), [w.kernels], {
      env: {
        LD_LIBRARY_PATH: w.sim,
        LD_PRELOAD: join(w.shim, 'libflexnpu.so'),
        FLEXNPU_REAL: w.sim,
        FLEXNPU_SIM_SPEED: 'max',
        FLEXNPU_POLICY: 'fair',
        FLEXNPU_RECORD: file,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.on('data', () => child.kill('SIGKILL'))
    child.on('error', reject)
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error('the endless program ended by itself')),
    )
  })

describe('a torn recording', () => {
  it('of a killed process replays up to its tear', async () => {
    const file = join(folder, 'killed.flexlog')
    await kill(file)
    const replayed = await replay(file)
    expect(replayed).toMatchObject({ code: 2, differences: 0, core_match: true })
    expect(replayed.torn).not.toBe(null)
    expect(replayed.events).toBeGreaterThan(5000)
  })

  it('cut anywhere replays up to the cut', async () => {
    const file = join(folder, 'cut.flexlog')
    await preloaded(w, 'random_order', { args: [w.kernels, '8', '2000'], env: { FLEXNPU_RECORD: file } })
    const whole = await replay(file)
    const { size } = statSync(file)
    for (const part of [0.9, 0.5]) {
      truncateSync(file, Math.floor(size * part))
      const replayed = await replay(file)
      expect(replayed).toMatchObject({ code: 2, differences: 0 })
      expect(replayed.events).toBeLessThanOrEqual(whole.events)
    }
  })
})

it('a recording that cannot be written does not hold the program up', async () => {
  const file = join(folder, 'no', 'such', 'folder.flexlog')
  const under = await preloaded(w, 'linked', { env: { FLEXNPU_RECORD: file } })
  expect(under).toMatchObject({ end: 0, stats: { faults: 1 } })
  expect(existsSync(file)).toBe(false)
})
