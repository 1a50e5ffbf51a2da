/**
 * The whole path on the simulated NPU: an unmodified program runs under each policy, wasm2c decides and records, V8
 * replays without a difference, and the program's results are those of a direct run.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { policyIds } from '../../spec/records.ts'
import { root } from '../../host-node/cli/artefacts.ts'
import { runCli, startCli } from './cli.ts'
import { temporaryFolder } from './recordings.ts'

let program: string
let file: string

beforeEach(() => {
  const folder = temporaryFolder()
  program = join(folder, 'two-streams')
  file = join(folder, 'run.flexlog')
  const source = fileURLToPath(new URL('fixtures/two-streams.c', import.meta.url))
  const flags = [
    '-std=c11',
    '-D_GNU_SOURCE',
    '-Wall',
    '-Wextra',
    '-Werror',
    `-I${join(root, 'build', 'gen', 'include')}`,
  ]
  execFileSync('cc', [...flags, source, '-o', program, `-L${join(root, 'build', 'npu-sim')}`, '-lascendcl'])
})

const lastLine = (text: string): Record<string, unknown> =>
  JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>

/** (1000 * 1) & 255 and (1000 * 2) & 255. */
const RESULT = 'bytes 232 208\n'

test('directly', async () => {
  expect(await runCli(['run', '--direct', '--npu', 'sim', '--', program])).toMatchObject({ code: 5, stdout: RESULT })
})

describe.each(Object.keys(policyIds))('under %s', (policy) => {
  test.each([
    ['preloaded', []],
    ['drop-in', ['--drop-in']],
  ])('%s, the recording replays without a difference', async (_, way) => {
    const options = ['--npu', 'sim', '--policy', policy, '--record', file, '--json', ...way]
    const run = await runCli(['run', ...options, '--', program])
    expect(run.stdout).toMatch(new RegExp(`^${RESULT}\\{.*\\}\\n$`))
    expect(lastLine(run.stdout)).toMatchObject({
      exit_code: 5,
      faults: 0,
      calls: { aclrtMemsetAsync: 2000, aclrtMemcpyAsync: 2000, aclrtSynchronizeStream: 40 },
      policy,
      record: file,
    })
    const replay = await runCli(['replay', file, '--json'])
    expect(replay).toMatchObject({ code: 0, stderr: '' })
    const result = JSON.parse(replay.stdout) as { events: number; hashes_checked: number }
    expect(result).toMatchObject({ differences: 0, unverified: 0, core_match: true })
    expect(result.hashes_checked).toBeGreaterThanOrEqual(3)
    const inspected = JSON.parse((await runCli(['inspect', file, '--json'])).stdout) as Record<string, unknown>
    const streams = inspected.streams as { submitted: number; on_credit: number }[]
    // Every operator is in the recording, submitted or issued on credit.
    expect(streams.map(({ submitted, on_credit }) => submitted + on_credit)).toEqual([2000, 2000])
    expect(inspected).toMatchObject({ whole: true, events: result.events, configuration: { policy } })
  })
})

test('the recording of a killed program is torn, and what it holds replays', async () => {
  const cli = startCli(['run', '--npu', 'sim', '--policy', 'fair', '--record', file, '--', program, 'wait'])
  await cli.printed('ready')
  const { argv, pid } = header(file)
  expect(argv).toEqual([program, 'wait'])
  process.kill(pid, 'SIGKILL')
  expect(await cli.ended).toMatchObject({
    code: 137,
    signal: null,
    stderr: expect.stringContaining('SIGKILL ended it'),
  })
  const replay = await runCli(['replay', file, '--json'])
  expect(replay.code).toBe(2)
  expect(replay.stderr).toMatch(/run\.flexlog: torn at byte \d+: the file ends without a footer/)
  const result = JSON.parse(replay.stdout) as { events: number }
  expect(result).toMatchObject({
    differences: 0,
    core_match: true,
    torn: { kind: 'torn', at: readFileSync(file).length },
  })
  expect(result.events).toBeGreaterThan(1000)
  expect(existsSync(`${file}.${pid}`)).toBe(false)
})

/** What the shim says of its process in the header of a recording. */
function header(recording: string): { argv: string[]; pid: number } {
  const bytes = readFileSync(recording)
  const json = bytes.toString('utf8', 64, 64 + bytes.readUInt32LE(12))
  return JSON.parse(json) as { argv: string[]; pid: number }
}
