/**
 * Which streams are at work on a device: those with anything queued, in flight or granted. A stream that is the only one,
 * and has been for a while, counts as alone; the fast path is for it.
 */
import {
  busyStreams,
  classBusy,
  competitionUntil,
  deviceAt,
  set_busyStreams,
  set_classBusy,
  set_competitionUntil,
} from '../state/devices'
import { credit } from '../state/flight'
import { now_ns } from '../state/globals'
import { busy, completed, device, dispatched, phase, queued, set_busy } from '../state/streams'

/** After a competitor's last work, a stream is not alone for this long: a decode step comes back every few ms. */
const COMPETITION_NS: u64 = 2_000_000

/** Brings the counts up to date after anything of the stream changed. */
export function updateBusy(s: u32): void {
  const is: u32 = queued(s) > 0 || dispatched(s) > completed(s) || credit(s) > 0 ? 1 : 0
  if (is == busy(s)) return
  const d = deviceAt(device(s))
  const c = phase(s)
  set_busy(s, is)
  if (is != 0) {
    set_busyStreams(d, busyStreams(d) + 1)
    set_classBusy(d, c, classBusy(d, c) + 1)
  } else {
    set_busyStreams(d, busyStreams(d) - 1)
    set_classBusy(d, c, classBusy(d, c) - 1)
    if (busyStreams(d) > 0) set_competitionUntil(d, now_ns() + COMPETITION_NS)
  }
}

/** Whether no other stream of the device is at work now. */
export function onlyOne(d: u32, s: u32): bool {
  return busyStreams(d) == busy(s)
}

/** Whether none was for a while, either; notes competition where there is some. */
export function isAlone(d: u32, s: u32): bool {
  if (!onlyOne(d, s)) {
    set_competitionUntil(d, now_ns() + COMPETITION_NS)
    return false
  }
  return now_ns() >= competitionUntil(d)
}
