/**
 * The FOOTER frame and the trailer behind it: totals, final hashes, and where every frame lies. A convenience: all of
 * it can be found again by scanning the frames, and is, where the footer is torn off.
 */
import { TRAILER_BYTES, TRAILER_MAGIC } from '../../spec/log.ts'
import { FOOTER_ENTRY_BYTES, FOOTER_HEADER_BYTES } from './frame.ts'

/** Where a frame lies. */
export interface FrameIndexEntry {
  /** Byte offset of its header. */
  offset: number
  type: number
  count: number
  first_seq: bigint
}

/** What a footer says. */
export interface Footer {
  events: bigint
  decisions: bigint
  decision_hash: bigint
  state_hash: bigint
  /** Every frame before the footer, in file order. */
  index: FrameIndexEntry[]
}

const trailerMagic = Uint8Array.from(TRAILER_MAGIC, (c) => c.charCodeAt(0))

/** The payload of a FOOTER frame. */
export function encodeFooter(footer: Footer): Uint8Array {
  const bytes = new Uint8Array(FOOTER_HEADER_BYTES + footer.index.length * FOOTER_ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, footer.events, true)
  view.setBigUint64(8, footer.decisions, true)
  view.setBigUint64(16, footer.decision_hash, true)
  view.setBigUint64(24, footer.state_hash, true)
  view.setBigUint64(32, BigInt(footer.index.length), true)
  for (const [i, entry] of footer.index.entries()) {
    const at = FOOTER_HEADER_BYTES + i * FOOTER_ENTRY_BYTES
    view.setBigUint64(at, BigInt(entry.offset), true)
    view.setUint32(at + 8, entry.type, true)
    view.setUint32(at + 12, entry.count, true)
    view.setBigUint64(at + 16, entry.first_seq, true)
  }
  return bytes
}

/** Reads the payload of a FOOTER frame; throws RangeError where its frame count and length do not agree. */
export function decodeFooter(payload: Uint8Array): Footer {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const frames = view.getBigUint64(32, true)
  const room = (payload.length - FOOTER_HEADER_BYTES) / FOOTER_ENTRY_BYTES
  if (frames !== BigInt(room)) throw new RangeError(`the footer speaks of ${frames} frames and has room for ${room}`)
  const index: FrameIndexEntry[] = []
  for (let at = FOOTER_HEADER_BYTES; at < payload.length; at += FOOTER_ENTRY_BYTES) {
    index.push({
      offset: Number(view.getBigUint64(at, true)),
      type: view.getUint32(at + 8, true),
      count: view.getUint32(at + 12, true),
      first_seq: view.getBigUint64(at + 16, true),
    })
  }
  return {
    events: view.getBigUint64(0, true),
    decisions: view.getBigUint64(8, true),
    decision_hash: view.getBigUint64(16, true),
    state_hash: view.getBigUint64(24, true),
    index,
  }
}

/** The last bytes of a whole recording: where its FOOTER frame begins. */
export function encodeTrailer(footer_offset: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(footer_offset), true)
  bytes.set(trailerMagic, 8)
  return bytes
}

/** Where the FOOTER frame begins, or undefined where these bytes are no trailer. */
export function decodeTrailer(bytes: Uint8Array): number | undefined {
  if (bytes.length !== TRAILER_BYTES || trailerMagic.some((byte, i) => bytes[8 + i] !== byte)) return undefined
  return Number(new DataView(bytes.buffer, bytes.byteOffset, TRAILER_BYTES).getBigUint64(0, true))
}
