/**
 * Operators of aclnn: host code that stays in the program and whose meaning FlexNPU sees. Phase 1 runs on one thread and
 * phase 2 on another; every argument has to arrive; what the arguments and names say of a stream's phase is in the
 * recording, in process and with a daemon.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

interface Told {
  stream: number
  phase: string
  source: string
  prefill_tokens: number
  decode_tokens: number
}

interface Inspected {
  streams: { stream: number; phase: string; phase_changes: number }[]
  event_records: ({ kind: string } & Told)[]
}

/** What the core was told, one line a hint: stream phase/source/prefill tokens/decode tokens. */
async function told(file: string): Promise<{ hints: string[]; phases: string[] }> {
  const { stdout, stderr, code } = await runCli(['inspect', file, '--json', '--events', '--limit', '0'])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const inspected = JSON.parse(stdout) as Inspected
  const hints = inspected.event_records.filter((e) => e.kind === 'PHASE_HINT')
  return {
    hints: hints.map((e) => `${e.phase} ${e.source} ${e.prefill_tokens} ${e.decode_tokens}`),
    phases: inspected.streams.map((s) => s.phase),
  }
}

let runs = 0

/** The steps under FlexNPU: the same output as alone, and what the core was told. */
async function meaning(steps: string, env: Record<string, string> = {}): Promise<Awaited<ReturnType<typeof told>>> {
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

it('operators that serve one phase say it by their names, also without phase 1', async () => {
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
