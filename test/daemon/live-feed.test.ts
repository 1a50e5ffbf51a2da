/** What a daemon streams to a debugger: a recording from the moment it comes, that replays by itself. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PolicyId } from '../../build/gen/ts/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { LiveFeed } from '../../host-node/daemon/live-feed.ts'
import { FrameStream } from '../../host-node/log/frame-stream.ts'
import { decodeNames } from '../../host-node/log/names.ts'
import { Comparison } from '../../host-node/replay/comparison.ts'
import { NameKind } from '../../spec/log.ts'
import { path } from '../../tools/build/steps.ts'
import { Bench } from './fake.ts'

const wasm = new Uint8Array(readFileSync(path('build', 'core.wasm')))

/** A debugger that replays what it gets. */
class Debugger {
  readonly comparison = new Comparison(new Core(wasm))
  readonly kinds: string[] = []
  readonly names: string[] = []
  bytes = 0
  readonly stream = new FrameStream('live', (frame) => {
    this.kinds.push(frame.name)
    if (frame.name === 'NAMES') this.names.push(...decodeNames(frame.payload, frame.count).map(({ name }) => name))
    this.comparison.frame(frame)
  })
  readonly listen = (bytes: Uint8Array): void => {
    this.bytes += bytes.length
    this.stream.push(bytes)
  }
}

function start(): { feed: LiveFeed; work: (ops: number) => void } {
  const core = new Core(wasm)
  const feed = new LiveFeed(core, { device: 0 }, 0n)
  const bench = new Bench({ core, recorder: feed })
  bench.engine.setPolicy(PolicyId.DYNAMIC_PD)
  const clients = [bench.client(), bench.client()]
  const streams = clients.map(({ threads, rings }) => bench.stream(threads[0]!, rings[0]!))
  const work = (ops: number): void => {
    for (let i = 0; i < ops; i++) for (const [c, { threads }] of clients.entries()) threads[0]!.op(streams[c]!, i)
    bench.run(80_000_000, 20_000)
    feed.flush()
  }
  return { feed, work }
}

test('begins in the middle, and replays without a difference', () => {
  const { feed, work } = start()
  work(700)
  feed.name(NameKind.TENANT, 3n, 'before')
  const late = new Debugger()
  const end = feed.listen(late.listen)
  expect(late.stream.header?.json).toMatchObject({ host: 'daemon', begins_after: Number(feed.events) })
  work(700)
  feed.name(NameKind.KERNEL, 7n, 'after')
  end()
  const { bytes } = late
  work(100)
  expect(late.bytes).toBe(bytes)
  const { events, begins_after, damage } = late.stream.read
  late.comparison.finish(undefined, false)
  expect(damage).toBeUndefined()
  expect(late.kinds[0]).toBe('SNAPSHOT')
  expect(late.names).toEqual(['before', 'after'])
  expect(late.comparison).toMatchObject({ differences: 0, unverified: 0 })
  expect(late.comparison.events).toBe(Number(events - begins_after!))
  expect(late.comparison.decisions).toBeGreaterThan(20)
  expect(late.comparison.hashes).toBeGreaterThan(0)
})

test('several look on, each from when it came', () => {
  const { feed, work } = start()
  const debuggers = [0, 1, 2].map(() => {
    const one = new Debugger()
    work(300)
    feed.listen(one.listen)
    return one
  })
  work(300)
  for (const one of debuggers) {
    one.comparison.finish(undefined, false)
    expect(one.comparison).toMatchObject({ differences: 0 })
    expect(one.stream.read.events).toBe(feed.events)
  }
  const [first, , last] = debuggers
  expect(first!.comparison.events).toBeGreaterThan(last!.comparison.events)
})

test('wants nothing of the loop while nobody looks', () => {
  const { feed, work } = start()
  work(100)
  expect(feed.isOn).toBe(false)
  const end = feed.listen(() => {})
  expect(feed.isOn).toBe(true)
  end()
  expect(feed.isOn).toBe(false)
})
