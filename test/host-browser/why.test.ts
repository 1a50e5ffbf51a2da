/** Why a decision was made: the candidates and their figures are the core's own. */
import { beforeAll, describe, expect, it } from 'vitest'
import { DecisionKind, EventKind } from '../../build/gen/ts/records.ts'
import { Cursor } from '../../host-browser/lib/cursor.ts'
import type { Recording } from '../../host-browser/lib/recording.ts'
import { why } from '../../host-browser/lib/why.ts'
import { readCore, viewOf } from '../../host-browser/lib/core-view.ts'
import { buildCore } from '../../tools/build/all.ts'
import { alone } from '../shim/workshop.ts'
import { opened, recorded, wasm } from './recordings.ts'

let recording: Recording
let cursor: Cursor

beforeAll(async () => {
  await alone(buildCore)
  recording = opened(recorded('why', 4_000))
  cursor = new Cursor(recording, wasm())
})

describe('why', () => {
  it('meets the state of the core after the event, whatever the decision', () => {
    for (let d = 0; d < recording.decisions.count; d += 11) {
      const because = why(recording, cursor, d)
      expect({ decision: d, exact: because.exact }).toEqual({ decision: d, exact: true })
    }
  })

  it('the stream of a dispatch is a candidate that waits with an operator to send', () => {
    let seen = 0
    for (let d = 0; d < recording.decisions.count; d += 7) {
      if ((recording.decisions.u32(d, 0) & 0xff) !== DecisionKind.DISPATCH || recording.decisions.u32(d, 8) === 0)
        continue
      const { candidates, shown } = why(recording, cursor, d)
      const chosen = candidates.filter((c) => c.chosen)
      if (String(shown['flags']).includes('CREDIT')) continue
      seen++
      expect(chosen).toHaveLength(1)
      expect(chosen[0]!.queued).toBeGreaterThanOrEqual(Number(shown['count']))
      expect(chosen[0]!.next_seq).toBe(Number(shown['value']) - Number(shown['count']) + 1)
      expect(chosen[0]!.predicted_ns).toBeGreaterThan(0)
      // Of its phase, none that is eligible has less virtual time.
      const rivals = candidates.filter((c) => c.phase === chosen[0]!.phase && c.state === 'eligible')
      expect(Math.min(...rivals.map((c) => c.vtime))).toBe(chosen[0]!.vtime)
    }
    expect(seen).toBeGreaterThan(50)
  })

  it('names the rule and the operator', () => {
    const because = why(recording, cursor, recording.decisions.count - 1)
    expect(because.rule.length).toBeGreaterThan(20)
    expect(because.policy).toBe('dynamic-pd')
    expect(because.candidates.some((c) => /MatMul|Attention|Norm|SwiGlu|Rope|Cache/.test(c.next))).toBe(true)
  })
})

it('the state marks what an event changed, and nothing else', () => {
  let event = 2000
  while ((recording.events.u32(event, 0) & 0xffff) !== EventKind.OP_SUBMIT) event++
  cursor.seek(event)
  const before = readCore(cursor.core.figures)
  cursor.step()
  const view = viewOf(readCore(cursor.core.figures), before)
  const stream = recording.events.u32(event, 4)
  const changed = view.streams.filter((row) => row.changed).map((row) => row.id)
  expect(changed).toContain(stream)
  expect(viewOf(before, before).streams.every((row) => !row.changed)).toBe(true)
})
