/** passthrough: every operator at once, and every stream on credit without end. The baseline of all comparisons. */
import { RULE_PASSTHROUGH } from '../../build/gen/as/layout'
import { grant } from '../engine/credit'
import { dispatchFrom } from '../engine/dispatch'
import { room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import { CLASSES } from '../state/memory'
import { ELIGIBLE, state } from '../state/streams'

export function passthrough(d: u32, s: u32): void {
  for (let c: u32 = 0; c < CLASSES; c++) {
    while (room() > 1) {
      const next = heapTop(d, c)
      if (next == 0) break
      dispatchFrom(next, u64.MAX_VALUE, RULE_PASSTHROUGH)
    }
  }
  if (s != 0 && room() > 1 && state(s) != ELIGIBLE) grant(s, RULE_PASSTHROUGH)
}
