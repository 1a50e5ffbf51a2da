/**
 * The 32-byte header of a frame, and the rules that its numbers keep. A frame is good when its header CRC, its payload
 * length for its type, and its payload CRC are right; nothing of a frame that is not good is ever used.
 *
 *   0       4      8               12      16          24              28           32
 *   | magic | type | payload_bytes | count | first_seq | payload_crc32 | header_crc | payload ...
 */
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FrameType, SNAPSHOT_PAGE_BYTES } from '../../spec/log.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { crc32 } from './crc32.ts'
import { hex32 } from './header.ts'

/** Greatest payload of a frame, 256 MiB: bounds what a reader has to hold at once. */
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024

/** Bytes after the records of a DECISIONS frame: the decision hash. */
export const DECISION_HASH_BYTES = 8

/** Bytes before the pages of a SNAPSHOT frame, and of one page with its number. */
export const SNAPSHOT_HEADER_BYTES = 8
export const SNAPSHOT_ENTRY_BYTES = 8 + SNAPSHOT_PAGE_BYTES

/** Bytes before the index of a FOOTER frame, and of one entry of it. */
export const FOOTER_HEADER_BYTES = 40
export const FOOTER_ENTRY_BYTES = 24

export type FrameName = keyof typeof FrameType

const frameNames = new Map<number, FrameName>(
  Object.entries(FrameType).map(([name, number]) => [number, name as FrameName]),
)

/** Name of a frame type, or undefined where this version knows none. */
export const frameName = (type: number): FrameName | undefined => frameNames.get(type)

/** What the header of a frame says. */
export interface FrameHeader {
  type: number
  payload_bytes: number
  /** Records in the payload. */
  count: number
  /** Number of the first record, counted from 1. */
  first_seq: bigint
  payload_crc32: number
}

/** The header of a frame with this payload, as bytes. */
export function encodeFrameHeader(type: number, count: number, first_seq: bigint, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a frame holds at most ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}`)
  }
  const bytes = new Uint8Array(FRAME_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, FRAME_MAGIC, true)
  view.setUint32(4, type, true)
  view.setUint32(8, payload.length, true)
  view.setUint32(12, count, true)
  view.setBigUint64(16, first_seq, true)
  view.setUint32(24, crc32(payload), true)
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true)
  return bytes
}

/** Reads a frame header of FRAME_HEADER_BYTES; returns the reason where it is not good. */
export function decodeFrameHeader(bytes: Uint8Array): FrameHeader | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES)
  const magic = view.getUint32(0, true)
  if (magic !== FRAME_MAGIC) return `no frame begins here (found ${hex32(magic)} for ${hex32(FRAME_MAGIC)})`
  const stored = view.getUint32(28, true)
  const computed = crc32(bytes.subarray(0, 28))
  if (stored !== computed) return `frame header CRC is ${hex32(computed)}, the file says ${hex32(stored)}`
  const header = {
    type: view.getUint32(4, true),
    payload_bytes: view.getUint32(8, true),
    count: view.getUint32(12, true),
    first_seq: view.getBigUint64(16, true),
    payload_crc32: view.getUint32(24, true),
  }
  return lengthFault(header) ?? header
}

/** Why the payload length does not fit the type and count; undefined where it does. */
function lengthFault({ type, payload_bytes, count }: FrameHeader): string | undefined {
  const name = frameName(type)
  if (name === undefined) return `frame type ${type} is none of format version 1`
  if (payload_bytes > MAX_PAYLOAD_BYTES) return `${name} frame of ${payload_bytes} bytes exceeds ${MAX_PAYLOAD_BYTES}`
  const exact: Partial<Record<FrameName, number>> = {
    EVENTS: count * EVENT_BYTES,
    DECISIONS: count * DECISION_BYTES + DECISION_HASH_BYTES,
    SNAPSHOT: SNAPSHOT_HEADER_BYTES + count * SNAPSHOT_ENTRY_BYTES,
    FOOTER: FOOTER_HEADER_BYTES + count * FOOTER_ENTRY_BYTES,
  }
  const expected = exact[name]
  if (expected === undefined || expected === payload_bytes) return undefined
  return `${name} frame of ${count} records has ${payload_bytes} bytes instead of ${expected}`
}

/** Why the payload is not the one the header was written for; undefined where it is. */
export function payloadFault(header: FrameHeader, payload: Uint8Array): string | undefined {
  const computed = crc32(payload)
  if (computed === header.payload_crc32) return undefined
  const name = frameName(header.type) ?? `type ${header.type}`
  return `payload CRC of the ${name} frame is ${hex32(computed)}, its header says ${hex32(header.payload_crc32)}`
}

/** A whole frame, as bytes. */
export function encodeFrame(name: FrameName, count: number, first_seq: bigint, payload: Uint8Array): Uint8Array {
  const header = encodeFrameHeader(FrameType[name], count, first_seq, payload)
  const bytes = new Uint8Array(header.length + payload.length)
  bytes.set(header)
  bytes.set(payload, header.length)
  return bytes
}

/** The DECISIONS frame of these records; `decision_hash` is the core's after the last of them. */
export function encodeDecisions(records: Uint8Array, first_seq: bigint, decision_hash: bigint): Uint8Array {
  const payload = new Uint8Array(records.length + DECISION_HASH_BYTES)
  payload.set(records)
  new DataView(payload.buffer).setBigUint64(records.length, decision_hash, true)
  return encodeFrame('DECISIONS', records.length / DECISION_BYTES, first_seq, payload)
}
