/** Hostile clients, one after another, beside a good one that is checked all the time. */
import { Good } from './good.ts'
import { Hostile } from './hostile.ts'
import { Random } from './random.ts'
import type { World } from './world.ts'

export interface FuzzResult {
  records: number
  clients: number
  expelled: number
  /** Reasons of expulsion and how often, without their numbers. */
  reasons: Record<string, number>
}

/** Publishes at least so many mutated records. Throws where the good client is not served right. */
export function fuzz(world: World, seed: number, records: number, progress = (_done: number): void => {}): FuzzResult {
  const random = new Random(seed)
  const good = new Good(world)
  const result: FuzzResult = { records: 0, clients: 0, expelled: 0, reasons: {} }
  const before = world.expelled.length
  while (result.records < records) {
    const hostile = new Hostile(world, random)
    result.clients++
    while (hostile.records < 400 && hostile.burst(32)) if (random.chance(16)) good.check()
    hostile.leave()
    result.records += hostile.records
    if (result.clients % 8 === 0) good.check()
    progress(result.records)
  }
  good.check()
  for (const { why } of world.expelled.splice(before)) {
    const reason = why.replaceAll(/\d+/g, 'N')
    result.reasons[reason] = (result.reasons[reason] ?? 0) + 1
    result.expelled++
  }
  return result
}
