/**
 * A real daemon on the simulated NPU, and real programs as its clients: they print what they print without it, whatever
 * policy decides; who is killed disturbs nobody and leaves nothing; and what the daemon recorded replays.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorCodes } from '../../spec/constants.ts'
import { path } from '../../tools/build/steps.ts'
import { direct, policies, type Outcome } from '../shim/run.ts'
import { workshop, type Workshop } from '../shim/workshop.ts'
import { admin, clientOf, daemons, node, runUnder, start, status, stop, type Daemon } from './running.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-end-'))
let w: Workshop

beforeAll(async () => {
  w = await workshop('native')
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const client = (d: Daemon): NodeJS.ProcessEnv => clientOf(d, w)
const run = (d: Daemon, program: string, args: string[]): Promise<Outcome> => runUnder(d, w, program, args)

/** What a program leaves besides its end and output: nothing. */
const same = async (d: Daemon, program: string, args: string[]): Promise<void> => {
  const [alone, under] = [await direct(w, program, { args }), await run(d, program, args)]
  expect({ program, args, ...under }).toEqual({ program, args, ...alone })
}

test.each(policies)(
  'under %s programs print what they print without a daemon',
  async (policy) => {
    const d = await start(['--policy', policy])
    for (const seed of [1, 2, 3, 4]) await same(d, 'random_order', [w.kernels, String(seed), '400'])
    for (const trap of [
      'launch_after_copies',
      'wait_for_held_record',
      'replay_after_launches',
      'synchronize_held_work',
    ])
      await same(d, 'order_traps', [w.kernels, trap])
    for (const trap of [
      'destroy_stream',
      'destroy_event',
      'free_memory',
      'unload_binary',
      'destroy_context',
      'reset_device',
      'finalize',
    ])
      await same(d, 'end_traps', [w.kernels, trap])
    for (const program of ['linked', 'captures', 'many_streams', 'copies', 'notified'])
      await same(d, program, [w.kernels])
    await same(d, 'errors', [w.kernels, path('package.json')])
    await same(d, 'stream_settings', [w.simKernels, 'failures'])
    await same(d, 'stress', [w.simKernels])
    expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
  },
  120_000,
)

test.each(policies)(
  'under %s callbacks run in the client, where and when they do without a daemon',
  async (policy) => {
    const d = await start(['--policy', policy], policy === 'fair' || policy === 'passthrough' ? '1' : 'max')
    for (let round = 0; round < 3; round++) await same(d, 'callbacks', [w.simKernels])
    expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
  },
  60_000,
)

test('a client killed in a callback that its stream waits for leaves nothing and disturbs nobody', async () => {
  const d = await start(['--policy', 'fair'])
  const victim = spawn(join(w.programs, 'callbacks'), [w.simKernels, 'hang'], { env: client(d) })
  await once(victim.stdout, 'data')
  await same(d, 'random_order', [w.kernels, '5', '300'])
  victim.kill('SIGKILL')
  await expect.poll(async () => (await status(d)).streams).toEqual([])
  expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
  await same(d, 'callbacks', [w.simKernels])
}, 60_000)

test('a daemon that is killed ends the wait for a callback', async () => {
  const d = await start()
  const [waiting, hanging] = ['wait', 'hang'].map((how) => {
    const p = spawn(join(w.programs, 'callbacks'), [w.simKernels, how], { env: client(d) })
    let said = ''
    p.stdout.on('data', (text: Buffer) => (said += text.toString()))
    return { begun: once(p.stdout, 'data'), ended: once(p, 'close').then(() => said) }
  })
  await Promise.all([waiting!.begun, hanging!.begun])
  await stop(d.process, 'SIGKILL')
  const lost = errorCodes['ACL_ERROR_RT_LOST_HEARTBEAT']
  expect(await waiting!.ended).toBe(`waiting\nprocessed ${lost}\n`)
  expect(await hanging!.ended).toBe(`called\nsynchronized ${lost}\n`)
}, 60_000)

test('a client killed while its stream waits for a notify leaves nothing and disturbs nobody', async () => {
  const d = await start(['--policy', 'fair'])
  const victim = spawn(join(w.programs, 'notified'), [w.kernels, 'forever'], { env: client(d) })
  await once(victim.stdout, 'data')
  await same(d, 'notified', [w.kernels])
  victim.kill('SIGKILL')
  await expect.poll(async () => (await status(d)).streams).toEqual([])
  expect(await status(d)).toMatchObject({ device: { hbm_used_bytes: 0 }, counters: { faults: 0 } })
  await same(d, 'notified', [w.kernels])
}, 60_000)

test('programs side by side are like each alone', async () => {
  const d = await start(['--policy', 'fair'])
  const seeds = [11, 12, 13, 14]
  const alone = await Promise.all(seeds.map((s) => direct(w, 'random_order', { args: [w.kernels, String(s), '600'] })))
  const under = await Promise.all(seeds.map((s) => run(d, 'random_order', [w.kernels, String(s), '600'])))
  expect(under).toEqual(alone)
}, 60_000)

test('contexts end while others work', async () => {
  const d = await start(['--policy', 'static-split'])
  const ends = [w.kernels, 'destroy_context']
  const alone = await direct(w, 'end_traps', { args: ends })
  for (let round = 0; round < 6; round++) {
    const under = await Promise.all([1, 2, 3, 4].map(() => run(d, 'end_traps', ends)))
    expect(under).toEqual([alone, alone, alone, alone])
  }
}, 120_000)

test('a client killed at any moment leaves nothing and disturbs nobody', async () => {
  const d = await start(['--policy', 'fair'], '1')
  const alone = await direct(w, 'random_order', { args: [w.kernels, '5', '300'] })
  const killed: string[] = []
  for (let round = 0; round < 8; round++) {
    const [program, ...args] = round % 2 === 0 ? ['endless'] : ['copies', 'endless']
    const victim = spawn(join(w.programs, program as string), [w.kernels, ...args], { env: client(d), stdio: 'ignore' })
    const good = run(d, 'random_order', [w.kernels, '5', '300'])
    await setTimeout(30 + round * 25)
    victim.kill('SIGKILL')
    killed.push(`flexnpu.${process.getuid!()}.${victim.pid}.`)
    expect(await good).toEqual(alone)
  }
  let left = await status(d)
  for (let i = 0; i < 20 && left.clients.length > 0; i++) {
    await setTimeout(100)
    left = await status(d)
  }
  expect(left).toMatchObject({ clients: [], streams: [], device: { hbm_used_bytes: 0 } })
  expect(readdirSync('/dev/shm').filter((name) => killed.some((its) => name.startsWith(its)))).toEqual([])
}, 120_000)

test('a daemon that is killed gives its clients an error at once, and another takes its place', async () => {
  const d = await start([], '1')
  const waiting = run(d, 'endless', [w.kernels])
  await setTimeout(500)
  await stop(d.process, 'SIGKILL')
  const { end, stderr } = await waiting
  expect(end).toBe(1)
  expect(stderr).toContain('daemon')
  const again = spawn(process.execPath, [...node, 'daemon', '--npu', 'sim', '--socket', d.socket, '--json'])
  daemons.push(again)
  await once(again.stdout, 'data')
  await same({ ...d, process: again }, 'linked', [w.kernels])
}, 60_000)

test('what it recorded replays without a difference', async () => {
  const file = join(folder, 'recorded.flexlog')
  const d = await start(['--policy', 'dynamic-pd', '--record', file])
  await Promise.all([
    run(d, 'random_order', [w.kernels, '21', '500']),
    run(d, 'order_traps', [w.kernels, 'synchronize_held_work']),
  ])
  await stop(d.process, 'SIGTERM')
  expect(existsSync(file)).toBe(true)
  const replayed = await new Promise<string>((resolve) => {
    execFile(process.execPath, [...node, 'replay', file, '--json'], (_error, stdout) => resolve(stdout))
  })
  expect(JSON.parse(replayed)).toMatchObject({ differences: 0, core_match: true })
  expect((JSON.parse(replayed) as { events: number }).events).toBeGreaterThan(50)
}, 60_000)

test('a policy set while programs run takes effect, and they go on', async () => {
  const d = await start(['--policy', 'passthrough'])
  const alone = await direct(w, 'random_order', { args: [w.kernels, '31', '3000'] })
  const running = run(d, 'random_order', [w.kernels, '31', '3000'])
  for (const policy of ['fair', 'static-split', 'dynamic-pd']) await admin(d, 'policy', 'set', policy)
  expect(await running).toEqual(alone)
  expect((await status(d)).device.policy).toBe('dynamic-pd')
}, 60_000)

test('a tenant sees its own memory, and a recording says what its program said', async () => {
  const [config, file] = [join(folder, 'tenants.yaml'), join(folder, 'tenant.flexlog')]
  writeFileSync(config, 'default_tenant: chat\ntenants:\n  - name: chat\n    hbm_bytes: 2GiB\n')
  const d = await start(['--config', config, '--policy', 'fair', '--record', file])
  expect(await run(d, 'tenant', [w.kernels])).toEqual({
    end: 0,
    stderr: '',
    stdout: `total ${2 * 2 ** 30}, takes ${64 * 2 ** 20}, beyond ${errorCodes['ACL_ERROR_RT_DEVICE_OOM']}, comes back 1\nhint 0, of no phase 100000\n`,
  })
  await stop(d.process, 'SIGTERM')
  const inspected = await new Promise<string>((resolve) => {
    execFile(process.execPath, [...node, 'inspect', file, '--json'], (_error, stdout) => resolve(stdout))
  })
  expect(inspected).toContain('"append"')
  expect(inspected).toContain('"chat"')
  expect((JSON.parse(inspected) as { streams: { phase: string }[] }).streams).toMatchObject([{ phase: 'DECODE' }])
}, 60_000)

test.each([[], ['killed']])(
  'two clients share memory by key %s',
  async (...how) => {
    const d = await start(['--policy', 'fair'])
    const env = { FLEXNPU_SIM_MACHINE: `sharing-${process.pid}-${how.length}` }
    const alone = await direct(w, 'sharing', { args: [w.kernels, ...how], env })
    expect(alone.end, alone.stderr).toBe(0)
    expect(await run(d, 'sharing', [w.kernels, ...how])).toEqual(alone)
    await expect.poll(async () => (await status(d)).device.hbm_used_bytes).toBe(0)
    expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
  },
  60_000,
)

test('two clients share events, notifies and physical memory, and one that is killed holds nobody', async () => {
  const d = await start(['--policy', 'fair'], '1')
  const groups = ['capacity', 'by key', 'physical', 'order', 'notifies', 'death']
  expect(await run(d, 'shared_memory', [w.simKernels, ...groups])).toEqual({
    end: 0,
    stderr: '',
    stdout: groups.map((name) => `ok ${name}\n`).join(''),
  })
  await expect.poll(async () => (await status(d)).device.hbm_used_bytes).toBe(0)
  expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
}, 60_000)

test('a prefill process and a decode process serve through one daemon', async () => {
  const trace = join(folder, 'trace.csv')
  const rows = ['0.0,900,12', '0.1,300,1', '0.2,20,30'].map((row) => `2023-11-16 18:17:0${row}`)
  writeFileSync(trace, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows, ''].join('\n'))
  const args = ['--trace', trace, '--kernels', join(w.sim, 'kernels', 'qwen25.o')]
  const serve = async (how: string[], env: NodeJS.ProcessEnv): Promise<string> => {
    const { stdout } = await promisify(execFile)(path('build', 'bench', 'llm-serve'), [...args, ...how], { env })
    return (JSON.parse(stdout) as { checksum: string }).checksum
  }
  const alone = await serve([], { LD_LIBRARY_PATH: w.sim, FLEXNPU_SIM_SPEED: 'max' })
  const d = await start(['--policy', 'dynamic-pd'])
  expect(await serve(['--processes', '2'], client(d))).toBe(alone)
  expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
}, 120_000)

test('what a program ends while its other threads are in calls with it harms nobody', async () => {
  const d = await start(['--policy', 'fair'])
  expect(await run(d, 'races', [w.kernels])).toEqual({ end: 0, stderr: '', stdout: '300 rounds\n' })
  expect((await status(d)).counters).toMatchObject({ faults: 0, ended_by_the_core: 0 })
}, 60_000)
