/**
 * Records of notifies that a recording does not hold: issued on credit, of which there is only the number, or by another
 * process. That there was one shows where more waits came to their end than records were known; it is taken to have come
 * when that wait ended, whatever the policy.
 */
import { OpClass } from '../../../build/gen/ts/records.ts'
import type { Programs } from './program.ts'

/** Fills `unseen_ns` of the notifies. `times`, by program: when an operator was submitted. */
export function settleUnseen(
  events: Uint32Array,
  { objects, programs, completions }: Programs & { completions: readonly Float64Array[] },
  times: readonly ((operator: number) => number)[],
  seenNs: number,
): void {
  const notifies = new Map<number, { records: number[]; ends: number[] }>()
  for (const [i, program] of programs.entries()) {
    for (const [n, object] of program.objects) {
      const what = program.opClass(events, n)
      if (what !== OpClass.NOTIFY_RECORD && what !== OpClass.NOTIFY_WAIT) continue
      let notify = notifies.get(object)
      if (notify === undefined) notifies.set(object, (notify = { records: [], ends: [] }))
      const seen = completions[i]![n]!
      const isSeen = !Number.isNaN(seen)
      if (what === OpClass.NOTIFY_WAIT) {
        if (isSeen) notify.ends.push(seen)
      } else if (isSeen || program.removed < 0) notify.records.push(times[i]!(n))
    }
  }
  for (const [object, { records, ends }] of notifies) {
    const known = Float64Array.from(records).sort()
    const { unseen_ns } = objects[object]!
    let came = 0
    for (const [ended, seen] of Float64Array.from(ends).sort().entries()) {
      while (came < known.length && known[came]! <= seen) came++
      if (ended >= came + unseen_ns.length) unseen_ns.push(seen - seenNs)
    }
  }
}
