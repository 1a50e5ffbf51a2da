/**
 * The payload of a NAMES frame: which kernel, stream, tenant or device a number stands for. Names help people; no
 * decision depends on them.
 *
 *   0            4              8           16
 *   | kind (u32) | length (u32) | id (u64)  | UTF-8, zero-padded to a multiple of 8 |  next entry ...
 */
import { NameKind } from '../../spec/log.ts'

const ENTRY_HEADER_BYTES = 16

/** One name. */
export interface NameEntry {
  /** NameKind */
  kind: number
  /** Kernel key, stream, tenant or device number. */
  id: bigint
  name: string
}

export { NameKind }

const padded = (length: number): number => (length + 7) & ~7

/** The payload that holds these names. */
export function encodeNames(entries: readonly NameEntry[]): Uint8Array {
  const encoder = new TextEncoder()
  const texts = entries.map((entry) => encoder.encode(entry.name))
  const total = texts.reduce((sum, text) => sum + ENTRY_HEADER_BYTES + padded(text.length), 0)
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [i, entry] of entries.entries()) {
    const text = texts[i] as Uint8Array
    view.setUint32(at, entry.kind, true)
    view.setUint32(at + 4, text.length, true)
    view.setBigUint64(at + 8, entry.id, true)
    bytes.set(text, at + ENTRY_HEADER_BYTES)
    at += ENTRY_HEADER_BYTES + padded(text.length)
  }
  return bytes
}

/** The names of a payload; throws RangeError where it does not hold `count` whole entries and nothing else. */
export function decodeNames(payload: Uint8Array, count: number): NameEntry[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const decoder = new TextDecoder()
  const entries: NameEntry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_HEADER_BYTES > payload.length) throw new RangeError(`name ${i + 1} of ${count} is cut off`)
    const length = view.getUint32(at + 4, true)
    const start = at + ENTRY_HEADER_BYTES
    if (length > payload.length - start) throw new RangeError(`name ${i + 1} of ${count} is cut off`)
    const name = decoder.decode(payload.subarray(start, start + length))
    entries.push({ kind: view.getUint32(at, true), id: view.getBigUint64(at + 8, true), name })
    at = start + padded(length)
  }
  if (at !== payload.length) throw new RangeError(`${payload.length - at} bytes follow the last of ${count} names`)
  return entries
}
