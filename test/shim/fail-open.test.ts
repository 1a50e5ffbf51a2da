/**
 * Failing open: a core that traps must not stop or change a program. A program cannot make the real core trap, so the
 * interposer is built around the core of core/holding.ts, which traps at any event it is told to; nothing in the
 * interposer knows of it.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { byTwos, direct, preloaded } from './run.ts'
import { holdingShim, workshop, type Workshop } from './workshop.ts'

let w: Workshop
let holding: string

beforeAll(async () => {
  w = await workshop('native')
  holding = await holdingShim('native')
})

const trapping = (seed: number, event: number, hold: number) => ({
  shim: holding,
  env: { FLEXNPU_POLICY_PARAMS: `${seed},${event},${hold}` },
})

describe('a core that traps', () => {
  it('at the first event that a program causes, and at every one of the next hundred', async () => {
    const alone = await direct(w, 'linked')
    await byTwos(
      Array.from({ length: 100 }, (_, i) => async () => {
        const under = await preloaded(w, 'linked', trapping(i, 5 + i, 500))
        expect({ event: 5 + i, end: under.end, stdout: under.stdout }).toEqual({
          event: 5 + i,
          end: 0,
          stdout: alone.stdout,
        })
      }),
    )
  })

  it('in the middle of random programs: every operator runs, in its order, and the fault is counted', async () => {
    const outcomes = await byTwos(
      Array.from({ length: 80 }, (_, seed) => async () => {
        const args = [w.kernels, String(seed), '400']
        const event = 20 + ((seed * 37) % 600)
        return { seed, event, ...(await preloaded(w, 'random_order', { ...trapping(seed, event, 500), args })) }
      }),
    )
    for (const { seed, event, end, stderr } of outcomes)
      expect({ seed, event, end, stderr }).toEqual({ seed, event, end: 0, stderr: '' })
    const trapped = outcomes.filter((o) => o.stats!.faults > 0)
    expect(trapped.length).toBeGreaterThan(40)
    for (const { stats } of trapped) {
      expect(stats!.fault_messages[0]).toContain('the scheduling core stopped: ')
      expect(stats!.fault_messages[1]).toContain('is not scheduled any more, operators pass through')
    }
  })

  it('while streams, events, contexts and devices end', async () => {
    const traps = ['destroy_stream', 'destroy_event', 'destroy_context', 'reset_device', 'finalize', 'leave']
    await byTwos(
      traps.flatMap((trap) =>
        [60, 150, 260, 400].map((event) => async () => {
          const args = [w.kernels, trap]
          const alone = await direct(w, 'end_traps', { args })
          const under = await preloaded(w, 'end_traps', { ...trapping(event, event, 800), args })
          expect({ trap, event, ...under, stats: undefined }).toEqual({ trap, event, ...alone, stats: undefined })
        }),
      ),
    )
  })

  it('while captures begin and end', async () => {
    const alone = await direct(w, 'captures')
    await byTwos(
      [30, 80, 200, 500, 900].map((event) => async () => {
        const under = await preloaded(w, 'captures', trapping(event, event, 500))
        expect({ event, ...under, stats: undefined }).toEqual({ event, ...alone, stats: undefined })
      }),
    )
  })
})
