/**
 * Random programs (test/core/random-programs.ts), recorded under one policy and run under another: events, notifies and
 * functions of the host keep their meaning, so that everything comes to its end, and the core refuses nothing.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { WhatIf, WhatIfError, type Metrics } from '../../host-browser/lib/what-if/what-if.ts'
import { Machine } from '../core/machine.ts'
import { play, policies, program, type Step } from '../core/random-programs.ts'
import { freshCore, recorded, served } from './runs.ts'

const step = (what: Step['what']): Step => ({ stream: 0, what, n: 0, us: 0, more: false })

const operatorsOf = ({ phases }: Metrics): number =>
  Object.values(phases).reduce((sum, { operators }) => sum + operators, 0)

test('random programs come to their end under any policy', () => {
  const core = freshCore()
  const property = fc.property(program, fc.constantFrom(...policies), (what, policy) => {
    const { machine } = play(what)
    const whatif = new WhatIf(recorded(machine))
    const { whatif: outcome, notes, run } = whatif.run(core, { policy })
    expect(notes.filter((note) => /stuck|refused|never came/.test(note))).toEqual([])
    expect(operatorsOf(outcome)).toBe(whatif.recovered.operators)
    expect(Buffer.compare(freshCore().feed(run.events), run.decisions)).toBe(0)
  })
  fc.assert(property, { numRuns: 40 })
})

test('a wait for a notify whose record was issued on credit ends when it ended in the recording', () => {
  const core = freshCore()
  const steps = [step('await'), step('await'), step('kernel')]
  const { machine } = play({ streams: 1, devices: 1, policy: PolicyId.PASSTHROUGH, delay_us: 0, steps })
  const whatif = new WhatIf(recorded(machine))
  const { whatif: outcome, recorded: was, notes } = whatif.run(core, { policy: PolicyId.PASSTHROUGH })
  expect(operatorsOf(was)).toBe(4) // of the second record, on credit to the end, the recording knows nothing
  expect(operatorsOf(outcome)).toBe(4)
  expect(notes.filter((note) => /never came to their end/.test(note))).toEqual([])
})

test('a wait that nothing ends is told of, and what is behind it is not counted', () => {
  const core = freshCore()
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const [waits, works] = [machine.addStream(), machine.addStream()]
  machine.issue(waits, { op_class: OpClass.NOTIFY_WAIT, ns: 1000, object: 100 })
  machine.issue(waits, { op_class: OpClass.KERNEL, ns: 1000 })
  machine.issue(works, { op_class: OpClass.KERNEL, ns: 1000 })
  machine.run()
  const { notes } = new WhatIf(recorded(machine)).run(core, { policy: PolicyId.FAIR })
  expect(notes).toContain(
    '2 of 3 operators of the new run never came to their end: they wait for what the recording does not hold.',
  )
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
