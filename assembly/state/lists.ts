/**
 * Lists of streams, first in first out: a head and a tail (stream number + 1, 0 for none) at some address, and in each
 * stream a pair of links at an offset of its own. Adding at the end and taking out anywhere are O(1).
 */
import { streamAt, streamId } from './streams'

/** Offsets of the links in a stream. A stream is in at most one list by each of them. */
export const ELIGIBLE_LINK: u32 = 96
export const UNMARKED_LINK: u32 = 104
export const BLOCKED_LINK: u32 = 112

/** First stream of the list, or 0. */
export function listFirst(list: u32): u32 {
  const number = load<u32>(list)
  return number == 0 ? 0 : streamAt(number - 1)
}

/** Stream behind `s`, or 0. */
export function listNext(link: u32, s: u32): u32 {
  const number = load<u32>(s + link, 4)
  return number == 0 ? 0 : streamAt(number - 1)
}

/** Adds a stream, which is in no list by this link, at the end. */
export function listAppend(list: u32, link: u32, s: u32): void {
  const number = streamId(s) + 1
  const last = load<u32>(list, 4)
  store<u32>(s + link, last)
  store<u32>(s + link, 0, 4)
  if (last == 0) store<u32>(list, number)
  else store<u32>(streamAt(last - 1) + link, number, 4)
  store<u32>(list, number, 4)
}

/** Takes a stream out of the list it is in. */
export function listRemove(list: u32, link: u32, s: u32): void {
  const before = load<u32>(s + link)
  const behind = load<u32>(s + link, 4)
  if (before == 0) store<u32>(list, behind)
  else store<u32>(streamAt(before - 1) + link, behind, 4)
  if (behind == 0) store<u32>(list, before, 4)
  else store<u32>(streamAt(behind - 1) + link, before)
}

/** Makes a stream of the list its last. */
export function listMoveToEnd(list: u32, link: u32, s: u32): void {
  if (load<u32>(s + link, 4) == 0) return
  listRemove(list, link, s)
  listAppend(list, link, s)
}

/** Empties the list; its streams keep their links forward, so that listNext() still walks them. */
export function listClear(list: u32): void {
  store<u64>(list, 0)
}
