/**
 * The payload of a SNAPSHOT frame: the state of the core, without its pages that are all zero. Decoding an encoded
 * state gives the same bytes.
 *
 *   0                  4      8
 *   | total bytes (u32)| zero | page number (u32) | zero (u32) | 4096 bytes |  next page ...
 */
import { SNAPSHOT_PAGE_BYTES } from '../../spec/log.ts'
import { SNAPSHOT_ENTRY_BYTES, SNAPSHOT_HEADER_BYTES } from './frame.ts'

/** The payload for a state, and how many pages it holds (the count of the frame). The last page may be a part. */
export function encodeSnapshot(state: Uint8Array): { payload: Uint8Array; count: number } {
  const pages: number[] = []
  for (let page = 0; page * SNAPSHOT_PAGE_BYTES < state.length; page++) {
    if (!isZero(pageOf(state, page))) pages.push(page)
  }
  const payload = new Uint8Array(SNAPSHOT_HEADER_BYTES + pages.length * SNAPSHOT_ENTRY_BYTES)
  const view = new DataView(payload.buffer)
  view.setUint32(0, state.length, true)
  let at = SNAPSHOT_HEADER_BYTES
  for (const page of pages) {
    view.setUint32(at, page, true)
    payload.set(pageOf(state, page), at + 8)
    at += SNAPSHOT_ENTRY_BYTES
  }
  return { payload, count: pages.length }
}

/** Word by word where it lies on words: most of a state is zero, and a daemon that is watched waits for this. */
function isZero(page: Uint8Array): boolean {
  if (page.byteOffset % 4 !== 0 || page.length % 4 !== 0) return page.every((byte) => byte === 0)
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4)
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false
  return true
}

/** Bytes of the state that a payload holds. */
export const snapshotStateBytes = (payload: Uint8Array): number =>
  new DataView(payload.buffer, payload.byteOffset, SNAPSHOT_HEADER_BYTES).getUint32(0, true)

/** Throws RangeError where one of `count` pages lies outside of the state, or out of order in it. */
export function checkSnapshot(payload: Uint8Array, count: number): void {
  const total = snapshotStateBytes(payload)
  let next = 0
  for (let i = 0; i < count; i++) {
    const page = pageNumber(payload, i)
    if (page < next) throw new RangeError(`snapshot page ${page} is out of order`)
    if (page * SNAPSHOT_PAGE_BYTES >= total) {
      throw new RangeError(`snapshot page ${page} lies outside a state of ${total} bytes`)
    }
    next = page + 1
  }
}

/** The state that a payload of `count` pages holds; the payload has passed checkSnapshot. */
export function decodeSnapshot(payload: Uint8Array, count: number): Uint8Array {
  const state = new Uint8Array(snapshotStateBytes(payload))
  for (let i = 0; i < count; i++) {
    const at = SNAPSHOT_HEADER_BYTES + i * SNAPSHOT_ENTRY_BYTES + 8
    const to = pageNumber(payload, i) * SNAPSHOT_PAGE_BYTES
    state.set(payload.subarray(at, at + Math.min(SNAPSHOT_PAGE_BYTES, state.length - to)), to)
  }
  return state
}

const pageNumber = (payload: Uint8Array, i: number): number => {
  const at = payload.byteOffset + SNAPSHOT_HEADER_BYTES + i * SNAPSHOT_ENTRY_BYTES
  return new DataView(payload.buffer, at, 4).getUint32(0, true)
}

const pageOf = (state: Uint8Array, page: number): Uint8Array =>
  state.subarray(page * SNAPSHOT_PAGE_BYTES, (page + 1) * SNAPSHOT_PAGE_BYTES)
