/** What the page makes of a recording that begins in the middle, as a daemon streams it. */
import { expect, test } from 'vitest'
import { PolicyId } from '../../build/gen/ts/records.ts'
import { Cursor } from '../../host-browser/lib/cursor.ts'
import { Recording } from '../../host-browser/lib/recording.ts'
import { Core } from '../../host-node/core/core.ts'
import { coreWasm } from '../../host-node/cli/artefacts.ts'
import { LiveFeed } from '../../host-node/daemon/live-feed.ts'
import { Bench } from '../daemon/fake.ts'

/** Of a daemon with two clients: what it streams from the middle of their work. */
function streamed(): Uint8Array[] {
  const core = new Core(coreWasm())
  const feed = new LiveFeed(core, { device: 0 }, 0n)
  const bench = new Bench({ core, recorder: feed })
  bench.engine.setPolicy(PolicyId.FAIR)
  const clients = [bench.client(), bench.client()]
  const streams = clients.map(({ threads, rings }) => bench.stream(threads[0]!, rings[0]!))
  const parts: Uint8Array[] = []
  for (const round of [0, 1]) {
    for (let i = 0; i < 400; i++) for (const [c, { threads }] of clients.entries()) threads[0]!.op(streams[c]!, i)
    bench.run(3_000_000, 20_000)
    if (round === 0) feed.listen((bytes) => parts.push(bytes))
  }
  bench.run(80_000_000, 20_000)
  feed.flush()
  return parts
}

test('a recording that begins in the middle is verified, shows its streams, and can be stepped through', () => {
  const recording = new Recording('live', coreWasm())
  const cursor = new Cursor(recording, coreWasm())
  for (const part of streamed()) recording.push(part)
  recording.finish()
  expect(recording.verdict).toMatchObject({ differences: 0, unverified: 0 })
  expect(recording.events.count).toBeGreaterThan(500)
  const { topology, spans, first_ns, last_ns } = recording.activity.take(true)
  expect(topology).toMatchObject({ devices: [{ device: 0 }], streams: [{ stream: 0 }, { stream: 1 }] })
  expect(spans.length).toBeGreaterThan(0)
  expect(first_ns).toBe(recording.timeOf(0))
  for (const { rows } of spans) for (const start of rows.start) expect(start).toBeLessThanOrEqual(last_ns)
  for (const target of [0, 300, 10, recording.events.count - 1]) {
    cursor.seek(target)
    for (let event = target; event < Math.min(target + 200, recording.events.count); event++) {
      const decided = Buffer.from(cursor.step()!)
      const first = recording.firstDecision(event)
      const count = decided.length / 32
      for (let d = 0; d < count; d++) {
        expect(recording.eventOf(first + d)).toBe(event)
        expect(decided.subarray(32 * d, 32 * d + 32).equals(recording.decisions.at(first + d))).toBe(true)
      }
    }
  }
})
