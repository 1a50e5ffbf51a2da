/**
 * Recordings of a real program (README.md) run as programs: directly, in process under every policy, and through a
 * daemon, alone and with others that compete. Every call returns the same, memory holds the same, and FlexNPU has seen
 * every call.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorCodes } from '../../spec/constants.ts'
import { path } from '../../tools/build/steps.ts'
import { runUnder, start, status, type Daemon } from '../daemon/running.ts'
import { byTwos, direct, policies, preloaded, readStats, type Outcome } from '../shim/run.ts'
import { workshop, type Workshop } from '../shim/workshop.ts'
import { player, type Player } from './player.ts'
import { callsOf, programOf, type Call } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-played-'))
let w: Workshop
let p: Player

/** A recording as a program, by itself or beside another thread that uses the device (programs/neighbour.c). */
interface Played {
  name: string
  calls: Call[]
  args: string[]
  direct: Outcome
}

const played = ['eager', 'aclgraph'].flatMap((name): Played[] => {
  const calls = callsOf(path('test', 'recordings', 'fixtures', `ggml_cann_qwen2_28layer_${name}.tsv.gz`))
  const text = join(folder, `${name}.txt`)
  writeFileSync(text, programOf(calls))
  const not = { end: -1, stdout: '', stderr: '' }
  return [
    { name, calls, args: [text], direct: not },
    { name: `${name} beside another thread`, calls, args: [text, 'neighbour'], direct: not },
  ]
})
const alone = played.filter((one) => one.args.length === 1)
const beside = played.filter((one) => one.args.length === 2)

beforeAll(async () => {
  w = await workshop('native')
  p = await player(w)
  await byTwos(
    played.map((one) => async () => {
      one.direct = await direct(w, p.program, { args: one.args, env: p.env })
    }),
  )
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the player wrote of calls: number, function, code and answers. */
const said = (outcome: Outcome): string[][] =>
  outcome.stdout.split('\n').flatMap((line) => (/^\d/.test(line) ? [line.split(' ')] : []))

/** What it wrote of memory. */
const contents = (outcome: Outcome): string[] =>
  outcome.stdout.split('\n').filter((line) => /^(answer|contents|neighbour) /.test(line))

/** How often FlexNPU has to see each function: as recorded, and what the operators and the player call themselves. */
function expectedCalls({ calls, direct: { stdout } }: Played): Record<string, number> {
  const counts: Record<string, number> = {}
  const add = (name: string, more = 1): void => void (counts[name] = (counts[name] ?? 0) + more)
  const operators = (count: number): void => {
    add('aclrtBinaryGetFunction', count)
    add('aclrtLaunchKernelWithHostArgs', count)
  }
  for (const { name } of calls) {
    if (name.endsWith('GetWorkspaceSize')) operators(1)
    else if (name.startsWith('acl') && !name.startsWith('aclnn')) add(name)
  }
  add('aclrtBinaryLoadFromFile')
  /* Contents of device memory are copied to be compared: all but the answer's, which is in host memory. */
  add('aclrtMemcpy', stdout.match(/^contents /gm)!.length - 1)
  const neighbour = /^neighbour (\d+) /m.exec(stdout)
  if (neighbour === null) return counts
  operators(Number(neighbour[1]))
  for (const name of ['aclrtCreateStream', 'aclrtSynchronizeStream', 'aclrtDestroyStream']) add(name)
  for (const name of ['aclrtMalloc', 'aclrtMemset', 'aclrtMemcpy', 'aclrtFree', 'aclCreateTensor']) add(name)
  for (const name of ['aclDestroyTensor', 'aclrtGetCurrentContext', 'aclrtSetCurrentContext']) add(name)
  return counts
}

/** All is as it is directly; of lines that differ the first is shown. */
function expectSame(one: Played, under: Outcome): void {
  const [theirs, ours] = [one.direct, under].map((outcome) => outcome.stdout.split('\n'))
  const at = theirs!.findIndex((line, i) => line !== ours![i])
  expect({ name: one.name, end: under.end, stderr: under.stderr, line: ours![at], lines: ours!.length }).toEqual({
    name: one.name,
    end: 0,
    stderr: '',
    line: theirs![at],
    lines: theirs!.length,
  })
  expect(under.stats).toMatchObject({ unknown: {}, missing: {}, faults: 0, fault_messages: [] })
  expect(under.stats!.calls).toEqual(expectedCalls(one))
}

test.each(played)('$name: directly every recorded call is made, in order, and none is refused', (one) => {
  expect(one.direct).toMatchObject({ end: 0, stderr: '' })
  const made = said(one.direct)
  expect(made.map(([, name]) => name)).toEqual(one.calls.map((c) => c.name).filter((name) => name !== '#MARK'))
  /* llama.cpp initializes twice, which AscendCL says. */
  expect(made.filter(([, , code]) => code !== '0').map(([, name, code]) => [name, code])).toEqual([
    ['aclInit', String(errorCodes['ACL_ERROR_REPEAT_INITIALIZE'])],
  ])
})

/** The lines with those of one operator left out, or with two neighbours in the wrong order. */
const mistakes: Record<string, (lines: string[]) => string[]> = {
  'an operator is missing': (lines) => {
    const adds = lines.flatMap((line, i) => (line === 'aclnnAdd' ? [i] : []))
    return lines.toSpliced(adds[adds.length >> 1]!, 1)
  },
  'two operators changed places': (lines) => {
    const at = lines.indexOf('aclnnSilu') - 1
    return [...lines.slice(0, at), ...lines.slice(at + 2, at + 4), ...lines.slice(at, at + 2), ...lines.slice(at + 4)]
  },
}

test.each(Object.keys(mistakes))('memory shows that %s', async (mistake) => {
  const [eager] = alone
  const file = join(folder, 'mistaken.txt')
  writeFileSync(file, mistakes[mistake]!(programOf(eager!.calls).split('\n')).join('\n'))
  const mistaken = await direct(w, p.program, { args: [file], env: p.env })
  expect(mistaken).toMatchObject({ end: 0, stderr: '' })
  expect(contents(mistaken).length).toBe(contents(eager!.direct).length)
  expect(contents(mistaken)).not.toEqual(contents(eager!.direct))
})

/* By itself the program issues on its credit, whatever the policy. */
test.each(policies.map((policy) => ({ policy, some: policy === 'passthrough' ? played : beside })))(
  'in process under $policy',
  async ({ policy, some }) => {
    const env = { ...p.env, FLEXNPU_POLICY: policy }
    const outcomes = await byTwos(
      some.map(
        ({ args }) =>
          () =>
            preloaded(w, p.program, { args, env }),
      ),
    )
    for (const [i, one] of some.entries()) expectSame(one, outcomes[i]!)
  },
)

let runs = 0

/** As a client of a daemon, with what FlexNPU counted in it. */
async function client(d: Daemon, { args }: Played): Promise<Outcome> {
  const stats = join(folder, `${++runs}.json`)
  const outcome = await runUnder(d, w, p.program, args, { ...p.env, FLEXNPU_STATS: stats })
  return { ...outcome, ...readStats(stats) }
}

test('through a daemon, one by one', async () => {
  const d = await start(['--policy', 'passthrough'])
  for (const one of alone) expectSame(one, await client(d, one))
  expect(await status(d)).toMatchObject({
    device: { hbm_used_bytes: 0 },
    counters: { faults: 0, ended_by_the_core: 0 },
  })
})

test.each(policies.slice(1))('through a daemon under %s, side by side', async (policy) => {
  const d = await start(['--policy', policy])
  const outcomes = await Promise.all(alone.map((one) => client(d, one)))
  for (const [i, one] of alone.entries()) expectSame(one, outcomes[i]!)
  expect(await status(d)).toMatchObject({
    device: { hbm_used_bytes: 0 },
    counters: { faults: 0, ended_by_the_core: 0 },
  })
})
