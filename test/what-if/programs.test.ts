/**
 * Random programs (test/core/random-programs.ts), recorded under one policy and run under another: events, notifies and
 * functions of the host keep their meaning, so that everything comes to its end, and the core refuses nothing.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PolicyId } from '../../build/gen/ts/records.ts'
import { WhatIf, WhatIfError } from '../../host-browser/lib/what-if/what-if.ts'
import { play, policies, program } from '../core/random-programs.ts'
import { freshCore, recorded, served } from './runs.ts'

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
  fc.assert(property, { numRuns: 40 })
})

test('a recording with wrong bytes in it has an answer, too, or is refused', () => {
  const core = freshCore()
  const run = served({ policy: PolicyId.DYNAMIC_PD, requests_per_s: 8, seconds: 0.4 })
  const wrong = fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 30 })
  const property = fc.property(wrong, fc.constantFrom(...policies), (bytes, policy) => {
    const [events, decisions] = [run.events.slice(), run.decisions.slice()]
    for (const [isEvent, at, value] of bytes) {
      const records = isEvent ? events : decisions
      records[at % records.length] = value
    }
    try {
      const { whatif } = new WhatIf({ json: null, events, decisions }).run(core, { policy })
      expect(whatif.events).toBeGreaterThan(0)
    } catch (error) {
      if (!(error instanceof WhatIfError)) throw error
    }
  })
  fc.assert(property, { numRuns: 25, seed: 12345 })
})
