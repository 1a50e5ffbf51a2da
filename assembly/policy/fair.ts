/**
 * fair: streams take turns by virtual time (predicted work over weight), as start-time fair queueing does, as long as
 * what is on the device fits the window. Work-conserving: whoever has work goes when nobody else does.
 */
import { RULE_FAIR_VTIME } from '../../build/gen/as/layout'
import { dispatchFrom } from '../engine/dispatch'
import { room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import { deviceInflightNs } from '../state/devices'
import { p0 } from '../state/globals'
import { CLASSES } from '../state/memory'
import { vtime } from '../state/streams'

/** Predicted work of one turn: short enough to alternate, long enough to be worth a decision. */
const TURN_NS: u64 = 100_000

/** The eligible stream of the device with the least virtual time, or 0. */
function leastVtime(d: u32): u32 {
  let best: u32 = 0
  for (let c: u32 = 0; c < CLASSES; c++) {
    const s = heapTop(d, c)
    if (s != 0 && (best == 0 || vtime(s) < vtime(best) || (vtime(s) == vtime(best) && s < best))) best = s
  }
  return best
}

export function fair(d: u32): void {
  let ns = deviceInflightNs(d)
  while (room() > 1 && ns < p0()) {
    const s = leastVtime(d)
    if (s == 0) break
    ns += dispatchFrom(s, min<u64>(TURN_NS, p0() - ns), RULE_FAIR_VTIME)
  }
}
