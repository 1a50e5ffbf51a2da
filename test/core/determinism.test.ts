/** The same events give the same decisions and the same state: again, in batches of any size, and from a snapshot. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVENT_BYTES } from '../../build/gen/ts/records.ts'
import { Core } from './core-host.ts'
import { play, program } from './random-programs.ts'

test('a recording replays identically, however it is batched and wherever it is resumed', () => {
  fc.assert(
    fc.property(program, fc.integer({ min: 1, max: 1024 }), fc.nat(), (p, batch, where) => {
      const { core, recording } = (({ machine }) => ({ core: machine.host.core, recording: machine.host.recording() }))(
        play(p),
      )
      const again = new Core()
      const decisions = again.feed(recording, batch)
      expect([again.decisionHash, again.hash]).toEqual([core.decisionHash, core.hash])

      const cut = (where % (recording.length / EVENT_BYTES)) * EVENT_BYTES
      const first = new Core()
      const before = first.feed(recording.subarray(0, cut))
      const second = new Core()
      second.feed(recording) // whatever was before is overwritten
      second.state.set(first.state)
      expect(second.nextWake).toBe(first.nextWake)
      const after = second.feed(recording.subarray(cut), batch)
      expect(Buffer.compare(Buffer.concat([before, after]), decisions)).toBe(0)
      expect([second.decisionHash, second.hash]).toEqual([core.decisionHash, core.hash])
    }),
    { numRuns: 60 },
  )
})

test('init() leaves nothing of what was before', () => {
  const { machine } = play({ streams: 3, devices: 1, policy: 1, delay_us: 5, steps: fc.sample(program, 1)[0]!.steps })
  const fresh = new Core()
  machine.host.core.exports.init()
  expect(machine.host.core.hash).toBe(fresh.hash)
  expect(machine.host.core.exports.events_seen()).toBe(0n)
})
