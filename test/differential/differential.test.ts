/**
 * Random programs run directly, in-process under every scheduling policy and through a daemon: codes of all calls, what
 * each stream did in which order, memory of device and host, and functions of the host are the same. And the errors and
 * order traps that have names, through a daemon as in process (test/shim).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runUnder, start, type Daemon } from '../daemon/running.ts'
import { direct, preloaded, type Outcome } from '../shim/run.ts'
import { workshop, type Workshop } from '../shim/workshop.ts'
import { programs, programText } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-differential-'))
let w: Workshop

beforeAll(async () => {
  w = await workshop('native')
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0

/** The same programs at every run; FLEXNPU_SEED draws others. */
const seed = Number(process.env['FLEXNPU_SEED'] ?? 5)

/** Runs programs directly and `under`; a program that differs is shrunk, and shown with both outcomes. */
async function compare(runs: number, under: (args: string[]) => Promise<Outcome>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(programs, async (choices) => {
      const file = join(folder, `${++count}.txt`)
      const text = programText(choices)
      writeFileSync(file, text)
      const args = [w.kernels, file]
      const alone = await direct(w, 'interpreter', { args })
      expect(alone, text).toMatchObject({ end: 0, stderr: '' })
      const other = await under(args)
      expect({ ...other, stats: undefined }, text).toEqual({ ...alone, stats: undefined })
      expect(other.stats?.fault_messages ?? [], text).toEqual([])
      rmSync(file)
    }),
    { seed, numRuns: runs, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: true },
  )
}

test.each(['fair', 'dynamic-pd', 'static-split'])(
  'in process under %s',
  (policy) => compare(40, (args) => preloaded(w, 'interpreter', { args, env: { FLEXNPU_POLICY: policy } })),
  180_000,
)

test.each(['fair', 'dynamic-pd', 'static-split'])(
  'through a daemon under %s',
  async (policy) => {
    const d: Daemon = await start(['--policy', policy])
    await compare(25, (args) => runUnder(d, w, 'interpreter', args))
  },
  180_000,
)
