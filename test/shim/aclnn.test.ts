/**
 * Operators of aclnn: host code that stays in the program and whose meaning FlexNPU sees. Phase 1 runs on one thread and
 * phase 2 on another; every argument has to arrive; what the arguments and names say of a stream's phase is in the
 * recording, in process and with a daemon.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvent, EVENT_BYTES, PhaseNames, PhaseSourceNames } from '../../build/gen/ts/records.ts'
import { LogReader } from '../../host-node/log/reader.ts'
import { LogSummary } from '../../host-node/log/summary.ts'
import { start, stop, runUnder } from '../daemon/running.ts'
import { runCli } from '../host-node/cli.ts'
import { direct, preloaded, type Outcome } from './run.ts'
import { topology, type Topology } from './topology.ts'
import { workshop, type Workshop } from './workshop.ts'

let w: Workshop
let t: Topology
let folder: string

beforeAll(async () => {
  w = await workshop('native')
  t = await topology(w)
  folder = mkdtempSync(join(tmpdir(), 'flexnpu-aclnn-'))
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const running = (steps: string, env: Record<string, string> = {}) => ({
  args: [w.kernels, ...steps.split(' ')],
  env: { LD_LIBRARY_PATH: `${t.home}/lib64:${t.programs}`, ASCEND_HOME_PATH: t.home, FLEXNPU_REAL: '', ...env },
})

const host = '../topology/host'
const alone = (steps: string): Promise<Outcome> => direct(w, host, running(steps))

/** What the core was told, a line a hint (phase, source, tokens of prefill and decode), and what streams ended as. */
function told(file: string): { hints: string[]; phases: string[] } {
  const reader = new LogReader(file)
  const summary = new LogSummary()
  const hints: string[] = []
  for (const frame of reader.frames()) {
    summary.add(frame)
    if (frame.name !== 'EVENTS') continue
    const view = new DataView(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength)
    for (let i = 0; i < frame.count; i++) {
      const e = decodeEvent(view, i * EVENT_BYTES)
      if (e.kind === 'PHASE_HINT')
        hints.push(`${PhaseNames[e.phase]} ${PhaseSourceNames[e.source]} ${e.prefill_tokens} ${e.decode_tokens}`)
    }
  }
  reader.close()
  return { hints, phases: summary.streamList().map((s) => s.phase) }
}

let runs = 0

/** The steps under FlexNPU: the same output as alone, and what the core was told. */
async function meaning(steps: string, env: Record<string, string> = {}): Promise<ReturnType<typeof told>> {
  const file = join(folder, `${++runs}.flexlog`)
  const under = await preloaded(w, host, running(steps, { FLEXNPU_RECORD: file, ...env }))
  expect({ ...under, stats: undefined }).toEqual({ ...(await alone(steps)), stats: undefined })
  expect(under).toMatchObject({ end: 0, stderr: '', stats: { faults: 0 } })
  return told(file)
}

describe('attention arguments tell the phase', () => {
  for (const version of [1, 2, 3, 4, 5])
    it(`of FusedInferAttentionScore V${version}, whose arguments all arrive`, async () => {
      const found = await meaning(`tnd:${version}:7,12 tnd:${version}:1,1,1:paged tnd:${version}:1,9,1:paged`)
      expect(found.hints).toEqual(['PREFILL ARGUMENTS 19 0', 'DECODE ARGUMENTS 0 3', 'MIXED ARGUMENTS 9 2'])
    })

  for (const [steps, expected] of [
    ['bsnd:2:2,64', 'PREFILL ARGUMENTS 128 0'],
    ['bsnd:2:4,1', 'DECODE ARGUMENTS 0 4'],
    ['bnsd:2:1,33', 'PREFILL ARGUMENTS 33 0'],
    ['bnsd:2:5,1', 'DECODE ARGUMENTS 0 5'],
    ['bsh:2:3,16', 'PREFILL ARGUMENTS 48 0'],
    ['bsh:2:3,1', 'DECODE ARGUMENTS 0 3'],
    /* A chunk behind a paged cache, of which no sequence decodes. */
    ['tnd:3:64,32:paged', 'PREFILL ARGUMENTS 96 0'],
    /* Speculated tokens are checked in decode; without a cache to decode from it is a short prompt. */
    ['tnd:3:4,4,4:paged', 'DECODE ARGUMENTS 0 12'],
    ['tnd:3:4,4,4', 'PREFILL ARGUMENTS 12 0'],
  ] as const)
    it(steps, async () => expect((await meaning(steps)).hints).toEqual([expected]))
})

it('the core is told what is new, and nothing twice', async () => {
  const layers = 'relu tnd:2:1,1:paged relu'
  const step = Array.from({ length: 12 }, () => layers).join(' ')
  const found = await meaning(`tnd:2:40 relu ${step} tnd:2:17 ${step}`)
  expect(found.hints).toEqual([
    'PREFILL ARGUMENTS 40 0',
    'DECODE ARGUMENTS 0 2',
    'PREFILL ARGUMENTS 17 0',
    'DECODE ARGUMENTS 0 2',
  ])
  expect(found.phases).toContain('DECODE')
})

it('by executor and stream: an executor that is used again says on another stream what it said', async () => {
  const found = await meaning('tnd:2:1,1:paged stream tnd:2:30 again stream again')
  expect(found.hints).toEqual(['DECODE ARGUMENTS 0 2', 'PREFILL ARGUMENTS 30 0', 'PREFILL ARGUMENTS 30 0'])
  expect(found.phases).toEqual(['PREFILL', 'PREFILL'])
})

it('operators that serve one phase say it by their names', async () => {
  expect((await meaning('prompt relu incre incre prompt')).hints).toEqual([
    'PREFILL NAMES 0 0',
    'DECODE NAMES 0 0',
    'PREFILL NAMES 0 0',
  ])
})

it('rows of products say it where nothing better does, and only when several agree', async () => {
  expect((await meaning('matmul:512:3')).hints).toEqual([])
  expect((await meaning('matmul:512:8 matmul:1:1 matmul:512:8 matmul:4:9')).hints).toEqual([
    'PREFILL ARGUMENTS 512 0',
    'DECODE ARGUMENTS 0 4',
  ])
  expect((await meaning('tnd:2:1,1:paged matmul:512:20')).hints).toEqual(['DECODE ARGUMENTS 0 2'])
})

it('what is no operator is left alone, though its name begins like one', async () => {
  const under = await preloaded(w, host, running('size relu'))
  expect(under.stdout).toBe((await alone('size relu')).stdout)
  expect(under.stats).toMatchObject({ unknown: {}, operators: { aclnnRelu: 1 }, faults: 0 })
})

it('flexnpu inspect shows it', async () => {
  const file = join(folder, 'inspected.flexlog')
  await preloaded(w, host, running('tnd:2:1,9,1:paged relu', { FLEXNPU_RECORD: file }))
  const { stdout, stderr, code } = await runCli(['inspect', file, '--json', '--events'])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(JSON.parse(stdout)).toMatchObject({
    streams: expect.arrayContaining([expect.objectContaining({ phase: 'MIXED', phase_changes: 1 })]),
    event_records: expect.arrayContaining([
      expect.objectContaining({
        kind: 'PHASE_HINT',
        phase: 'MIXED',
        source: 'ARGUMENTS',
        prefill_tokens: 9,
        decode_tokens: 2,
      }),
    ]),
    stats: { operators: { aclnnFusedInferAttentionScoreV2: 1, aclnnRelu: 1 } },
  })
})

it('with a daemon the same is told, in order with the operators', async () => {
  const file = join(folder, 'daemon.flexlog')
  const d = await start(['--policy', 'dynamic-pd', '--record', file])
  for (const steps of ['tnd:2:40 relu tnd:5:1,1:paged relu tnd:5:1,1:paged stream tnd:3:1,7:paged', 'incre prompt']) {
    const { args, env } = running(steps)
    expect(await runUnder(d, w, host, args, env)).toEqual(await alone(steps))
  }
  await stop(d.process, 'SIGTERM')
  expect(told(file).hints).toEqual([
    'PREFILL ARGUMENTS 40 0',
    'DECODE ARGUMENTS 0 2',
    'MIXED ARGUMENTS 7 1',
    'DECODE NAMES 0 0',
    'PREFILL NAMES 0 0',
  ])
}, 60_000)
