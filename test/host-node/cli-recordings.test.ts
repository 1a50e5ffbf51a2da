/** `flexnpu replay` and `flexnpu inspect` on recordings that the real core made, whole, changed, torn and foreign. */
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { artefacts } from '../../host-node/cli/artefacts.ts'
import { Core } from '../../host-node/core/core.ts'
import { hex64 } from '../../host-node/replay/replay.ts'
import { runCli } from './cli.ts'
import { eventBytes, record, smallRun, temporaryFolder } from './recordings.ts'
import { LOG_VERSION } from '../../spec/log.ts'

let file: string
let core: Core

beforeEach(() => {
  expect(existsSync(artefacts.core), `${artefacts.core} is built before the tests`).toBe(true)
  core = new Core(new Uint8Array(readFileSync(artefacts.core)))
  file = join(temporaryFolder(), 'run.flexlog')
})

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

test('a whole recording replays: exit code 0', async () => {
  record(file, core, eventBytes(smallRun()))
  const result = await runCli(['replay', file, '--json'])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(json(result.stdout)).toMatchObject({
    events: 46,
    differences: 0,
    state_hash: hex64(core.stateHash()),
    core_match: true,
  })
  const text = await runCli(['replay', file])
  expect(text.stdout).toMatch(/run\.flexlog: 46 events, \d+ decisions, 0 differences\n/)
})

test('a changed decision is shown from both sides: exit code 1', async () => {
  record(file, core, eventBytes(smallRun()), 46, {
    decisions(records) {
      new DataView(records.buffer, records.byteOffset).setUint32(8, 12345, true)
      return records
    },
  })
  const result = await runCli(['replay', file])
  expect(result).toMatchObject({ code: 1, stderr: '' })
  expect(result.stdout).toContain(' 1 differences\n')
  expect(result.stdout).toMatch(
    /first difference: decision \(decision 1, event \d+\)\n {2}event .*\n {2}recorded .*count=12345.*\n {2}replayed /,
  )
  const machine = json((await runCli(['replay', file, '--json'])).stdout)
  expect(machine).toMatchObject({ differences: 1, first_difference: { what: 'decision', recorded: { count: 12345 } } })
})

test('a recording of another core says so, naming both', async () => {
  record(file, core, eventBytes(smallRun()), 7, { core_hash: new Uint8Array(32).fill(0xcd) })
  const result = await runCli(['replay', file, '--json'])
  expect(result.code).toBe(0)
  expect(json(result.stdout)).toMatchObject({ core_match: false, differences: 0 })
  expect(result.stderr).toBe(`flexnpu: ${file}: recorded by core ${'cd'.repeat(32)}, replayed by core ${core.hash}\n`)
})

test('a torn recording is replayed and shown as far as it is good, then named: exit code 2', async () => {
  record(file, core, eventBytes(smallRun()))
  const size = readFileSync(file).length
  truncateSync(file, size - 300)
  const place = /flexnpu: .*run\.flexlog: torn at byte \d+: the file ends \d+ bytes into .*\n$/
  const replayed = await runCli(['replay', file, '--json'])
  expect(replayed.code).toBe(2)
  expect(replayed.stderr).toMatch(place)
  expect(json(replayed.stdout)).toMatchObject({ differences: 0, torn: { kind: 'torn', at: expect.any(Number) } })
  const inspected = await runCli(['inspect', file, '--json'])
  expect(inspected.code).toBe(2)
  expect(inspected.stderr).toMatch(place)
  expect(json(inspected.stdout)).toMatchObject({ whole: false, state_hash: null, torn: { kind: 'torn' } })
})

test('what is no recording is named: exit code 2', async () => {
  const foreign = join(temporaryFolder(), 'trace.csv')
  writeFileSync(foreign, 'time,tokens\n1,2\n')
  for (const command of ['replay', 'inspect']) {
    const result = await runCli([command, foreign, '--json'])
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toBe(
      `flexnpu: ${foreign}: byte 0: not a FlexNPU recording: it does not begin as a recording does\n`,
    )
    expect(await runCli([command, `${foreign}.none`])).toMatchObject({
      code: 2,
      stderr: `flexnpu: ${foreign}.none: byte 0: no such file\n`,
    })
  }
})

test('inspect shows topology, streams, kernels with names, counts and calls', async () => {
  record(file, core, eventBytes(smallRun()))
  const result = await runCli(['inspect', file, '--json', '--events', '--decisions', '--limit', '7'])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  const shown = json(result.stdout)
  expect(shown).toMatchObject({
    version: LOG_VERSION,
    core_hash: core.hash,
    start: '2027-01-15T08:00:00.123456789Z',
    configuration: { policy: 'fair' },
    events: 46,
    span_ns: 45_000,
    devices: [{ device: 0, chip: 'ASCEND_910B2' }],
    tenants: [{ tenant: 1, weight: 1000 }],
    policies: [{ policy: 'FAIR' }],
    events_by_kind: { OP_SUBMIT: 40, STREAM_ADD: 2 },
    decision_hash: hex64(core.decisionHash()),
    state_hash: hex64(core.stateHash()),
    whole: true,
    stats: { calls: { aclrtMalloc: 3 } },
  })
  expect(shown.streams).toMatchObject([
    { stream: 0, submitted: 20 },
    { stream: 1, submitted: 20, name: 'décodage' },
  ])
  expect(shown.kernels).toEqual([
    { key: '0x0000000000000abc', name: 'matmul_prefill', submits: 20 },
    { key: '0x0000000000000abd', name: null, submits: 20 },
  ])
  expect(shown.event_records).toHaveLength(7)
  expect((shown.event_records as unknown[])[6]).toMatchObject({
    kind: 'OP_SUBMIT',
    seq: 7,
    stream: 0,
    op_class: 'KERNEL',
    op_seq: 1,
  })

  const text = await runCli(['inspect', file, '--events', '--limit', '0'])
  expect(text.stdout.match(/^OP_SUBMIT seq=/gm)).toHaveLength(40)
  expect(text.stdout).toMatch(/^recording .*format version 2, whole\)$/m)
  expect(text.stdout).toMatch(/^aclrtLaunchKernelWithConfig +40$/m)
})

test('a copy of a recording is the same recording', async () => {
  record(file, core, eventBytes(smallRun()))
  copyFileSync(file, `${file}.copy`)
  const [a, b] = await Promise.all([runCli(['replay', file, '--json']), runCli(['replay', `${file}.copy`, '--json'])])
  expect(a.stdout).toBe(b.stdout)
})
