/** A recording that the daemon makes: whole, torn, and where the disk refuses. */
import { NameKind } from '../../spec/log.ts'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PolicyId } from '../../build/gen/ts/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { Recording } from '../../host-node/daemon/recording.ts'
import { replay } from '../../host-node/replay/replay.ts'
import { path } from '../../tools/build/steps.ts'
import { Bench } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-daemon-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const wasm = new Uint8Array(readFileSync(path('build', 'core.wasm')))

/** Two clients with two streams each, recorded. */
function record(file: string): Recording {
  const core = new Core(wasm)
  const recording = new Recording(file, core, { device: 0 }, (why) => expect.fail(why))
  const bench = new Bench({ core, recorder: recording })
  bench.engine.setPolicy(PolicyId.DYNAMIC_PD)
  const clients = [bench.client(), bench.client()]
  const streams = clients.map(({ threads, rings }) => [0, 1].map(() => bench.stream(threads[0]!, rings[0]!)))
  for (let i = 0; i < 1500; i++)
    for (const [c, { threads }] of clients.entries()) threads[0]!.op(streams[c]![i % 2]!, i)
  bench.run(80_000_000, 20_000)
  recording.name(NameKind.KERNEL, 7n, 'MatMulV2')
  return recording
}

test('replays without a difference', () => {
  const file = join(folder, 'whole.flexlog')
  record(file).close()
  const replayed = replay(file, new Core(wasm))
  expect(replayed).toMatchObject({ differences: 0 })
  expect(replayed.events).toBeGreaterThan(3000)
})

test('of a killed daemon replays up to its tear', () => {
  const file = join(folder, 'torn.flexlog')
  record(file).flush()
  truncateSync(file, statSync(file).size - 100)
  const replayed = replay(file, new Core(wasm))
  expect(replayed).toMatchObject({ differences: 0 })
  expect(replayed.torn).toBeDefined()
})

test('where it cannot be made, says so', () => {
  expect(() => record(join(folder, 'nowhere', 'x.flexlog'))).toThrow(/nowhere/)
  expect(existsSync(join(folder, 'nowhere'))).toBe(false)
})

test('that cannot be written any more ends with a reason, and the daemon goes on', () => {
  const ended: string[] = []
  const file = join(folder, 'closed.flexlog')
  const core = new Core(wasm)
  const recording = new Recording(file, core, {}, (why) => ended.push(why))
  const fd = readdirSync('/proc/self/fd').find((n) => linked(n) === file)
  closeSync(Number(fd))
  const bench = new Bench({ core, recorder: recording })
  const { threads, rings } = bench.client()
  const stream = bench.stream(threads[0]!, rings[0]!)
  for (let i = 0; i < 2000; i++) threads[0]!.op(stream, i)
  bench.run(40_000_000, 20_000)
  recording.close()
  expect(bench.executor.handed.length).toBe(2000)
  expect(ended).toEqual([expect.stringContaining(`${file}: EBADF`)])
})

function linked(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
