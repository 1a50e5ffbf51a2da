/**
 * Records of notifies that a recording does not hold: issued on credit, of which there is only the number, or by another
 * process. That there was one shows where more waits came to their end than records were known; it is taken to have come
 * when that wait ended, whatever the policy.
 */
import { OpClass } from '../../../build/gen/ts/records.ts'
import type { SyncObjectLife, StreamProgram } from './program.ts'

/** Fills `unseen_ns` of the objects. `times`: when an operator was submitted; `completions`: seen complete, NaN if never. */
export function settleUnseen(
  objects: readonly SyncObjectLife[],
  programs: readonly StreamProgram[],
  opClass: (program: StreamProgram, operator: number) => number,
  times: (program: StreamProgram, operator: number) => number,
  completions: readonly Float64Array[],
  seenNs: number,
): void {
  const records = objects.map((): number[] => [])
  const ends = objects.map((): number[] => [])
  for (const [i, program] of programs.entries()) {
    for (const [n, object] of program.objects) {
      const seen = completions[i]![n]!
      const lost = Number.isNaN(seen) && program.removed >= 0
      const what = opClass(program, n)
      if (what === OpClass.NOTIFY_RECORD && !lost) records[object]!.push(times(program, n))
      else if (what === OpClass.NOTIFY_WAIT && !Number.isNaN(seen)) ends[object]!.push(seen)
    }
  }
  for (const [object, waits] of ends.entries()) {
    const known = Float64Array.from(records[object]!).sort()
    const { unseen_ns } = objects[object]!
    let came = 0
    for (const [ended, seen] of Float64Array.from(waits).sort().entries()) {
      while (came < known.length && known[came]! <= seen) came++
      if (ended >= came + unseen_ns.length) unseen_ns.push(seen - seenNs)
    }
  }
}
