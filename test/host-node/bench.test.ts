/** What the core benchmark rests on: its statistics, and event streams that are the same every time and never refused. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newCore } from '../../bench/core/hosts.ts'
import { MinHeap } from '../../bench/core/min-heap.ts'
import { policies, workload, type PolicyName } from '../../bench/core/workload.ts'
import { median } from '../../bench/harness/median.ts'
import { EventKind, EVENT_BYTES } from '../../build/gen/ts/records.ts'

test('the median is the middle, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const sorted = [...values].sort((a, b) => a - b)
      const below = sorted[Math.floor((sorted.length - 1) / 2)] as number
      const above = sorted[Math.ceil((sorted.length - 1) / 2)] as number
      expect(median(values)).toBe((below + above) / 2)
    }),
  )
  expect(() => median([])).toThrow(RangeError)
})

test('the heap gives back in order of keys, equal keys in order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (keys) => {
      const heap = new MinHeap<number>()
      for (const [i, key] of keys.entries()) heap.put(key, i)
      const order = keys.map((_, i) => i).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b)
      expect(keys.map(() => heap.take())).toEqual(order)
      expect(heap.firstKey()).toBeUndefined()
    }),
  )
  expect(() => new MinHeap().take()).toThrow(RangeError)
})

describe.each(Object.keys(policies) as PolicyName[])('the workload under %s', (policy) => {
  test.each([1, 64])('with %i live streams', (streams) => {
    const make = (seed: number): ReturnType<typeof workload> => workload(newCore(), policy, streams, 4000, seed)
    const { bytes, setup_events } = make(7)
    expect(Buffer.compare(bytes, make(7).bytes)).toBe(0)
    expect(Buffer.compare(bytes, make(8).bytes)).not.toBe(0)
    expect(bytes.length / EVENT_BYTES).toBeGreaterThanOrEqual(setup_events + 4000)
    // Every stream issues while time is taken: all of them are live.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const live = new Set<number>()
    for (let at = setup_events * EVENT_BYTES; at < bytes.length; at += EVENT_BYTES) {
      if (view.getUint16(at, true) === EventKind.OP_SUBMIT) live.add(view.getUint32(at + 4, true))
    }
    expect(live.size).toBe(streams)
  })
})
