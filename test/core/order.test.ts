/** What holds for every program under every policy: order, events, no starvation, and nothing lost or done twice. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Machine } from './machine.ts'
import { play, program } from './random-programs.ts'

/** Time within which anything goes: two rounds of the starvation guard, and four times the work there is. */
const bound_ns = (machine: Machine, work_ns: number): number => 2.2e9 + 4 * work_ns + machine.streams.length * 1e6

test('every operator is dispatched exactly once, in order, behind what its event makes it wait for', () => {
  fc.assert(
    fc.property(program, (p) => {
      const { machine, work_ns } = play(p)
      for (const s of machine.streams) {
        if (s.removed) continue
        expect({ decided: s.decided + s.used, complete: s.complete, queued: s.queue.length }).toEqual({
          decided: s.issued,
          complete: s.issued,
          queued: 0,
        })
      }
      expect(machine.longest_wait_ns).toBeLessThanOrEqual(bound_ns(machine, work_ns))
      expect(machine.most_ticks).toBeLessThanOrEqual(8)
    }),
    { numRuns: 300 },
  )
})

test('the same holds where the host never sees some completions', () => {
  fc.assert(
    fc.property(program, fc.integer({ min: 2, max: 9 }), (p, every) => {
      const { machine } = play(p, every)
      for (const s of machine.streams) if (!s.removed) expect(s.decided + s.used).toBe(s.issued)
      expect(machine.most_ticks).toBeLessThanOrEqual(8)
    }),
    { numRuns: 150 },
  )
})
