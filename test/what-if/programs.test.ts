/**
 * Random programs (test/core/random-programs.ts), recorded under one policy and run under another: events, notifies and
 * functions of the host keep their meaning, so that everything comes to its end, and the core refuses nothing.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WhatIf } from '../../host-browser/lib/what-if/what-if.ts'
import { play, policies, program } from '../core/random-programs.ts'
import { freshCore, recorded } from './runs.ts'

test('random programs come to their end under any policy', () => {
  const core = freshCore()
  const property = fc.property(program, fc.constantFrom(...policies), (what, policy) => {
    const { machine } = play(what)
    const whatif = new WhatIf(recorded(machine))
    const { whatif: outcome, notes, run } = whatif.run(core, { policy })
    expect(notes.filter((note) => /stuck|refused/.test(note))).toEqual([])
    const done = Object.values(outcome.phases).reduce((sum, { operators }) => sum + operators, 0)
    expect(done).toBe(whatif.recovered.operators)
    expect(Buffer.compare(freshCore().feed(run.events), run.decisions)).toBe(0)
  })
  fc.assert(property, { numRuns: 60 })
})
