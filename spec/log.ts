/**
 * The layout of a recording (.flexlog): a header, then CRC-checked frames. docs/flexlog.md says it in words.
 *
 * header   64 bytes (logHeader), then `json_bytes` of UTF-8 JSON: configuration and topology
 * frame    32 bytes (frameHeader), then `payload_bytes`
 * trailer  16 bytes: offset of the FOOTER frame (u64), then TRAILER_MAGIC; absent where the log is torn
 *
 * CRCs are CRC-32 as zlib computes it.
 */
import type { Field } from './records.ts'

/** Raised with every change to a record, a frame or their meaning. */
export const LOG_VERSION = 2

export const LOG_MAGIC = '\x89FLXLOG\n'
export const FRAME_MAGIC = 0x4d415246
export const TRAILER_MAGIC = 'FLXEND\n\0'

export const LOG_HEADER_BYTES = 64
export const FRAME_HEADER_BYTES = 32
export const TRAILER_BYTES = 16

export const logHeader: Field[] = [
  { name: 'version', type: 'u32', at: 8, doc: 'LOG_VERSION of the writer (after 8 bytes of LOG_MAGIC)' },
  { name: 'json_bytes', type: 'u32', at: 12, doc: 'length of the JSON that follows the 64 bytes' },
  { name: 'start_unix_ns', type: 'u64', at: 16, doc: 'wall-clock time of time_ns = 0' },
  { name: 'json_crc32', type: 'u32', at: 56, doc: 'CRC of the JSON' },
  { name: 'header_crc32', type: 'u32', at: 60, doc: 'CRC of bytes 0 to 59' },
]

/** Offset and size of the SHA-256 of core.wasm in the header. */
export const CORE_HASH_AT = 24
export const CORE_HASH_BYTES = 32

export const frameHeader: Field[] = [
  { name: 'magic', type: 'u32', at: 0, doc: 'FRAME_MAGIC' },
  { name: 'type', type: 'u32', at: 4, doc: 'FrameType' },
  { name: 'payload_bytes', type: 'u32', at: 8, doc: 'length of the payload' },
  { name: 'count', type: 'u32', at: 12, doc: 'records in the payload' },
  { name: 'first_seq', type: 'u64', at: 16, doc: 'number of the first record (event or decision), counted from 1' },
  { name: 'payload_crc32', type: 'u32', at: 24, doc: 'CRC of the payload' },
  { name: 'header_crc32', type: 'u32', at: 28, doc: 'CRC of bytes 0 to 27' },
]

/**
 * EVENTS     `count` event records.
 * DECISIONS  `count` decision records, then the decision hash of the core after the last of them (u64).
 * NAMES      `count` entries: kind u32 (NameKind), length u32, id u64, UTF-8 bytes, zero-padded to 8.
 * SNAPSHOT   state of the core after the event before `first_seq`: total bytes u32, zero u32, then `count` pages that
 *            are not all zero, each page number u32, zero u32, 4096 bytes. Restoring one and replaying the rest of the
 *            events gives the same decisions. As the first frame of all, with first_seq above 1: the recording begins there.
 * STATS      JSON: calls by function, faults, unknown functions.
 * FOOTER     events u64, decisions u64, decision_hash u64, state_hash u64, frames u64, then for each frame
 *            offset u64, type u32, count u32, first_seq u64.
 */
export const FrameType = { EVENTS: 1, DECISIONS: 2, NAMES: 3, SNAPSHOT: 4, STATS: 5, FOOTER: 6 } as const

/** What a NAMES entry names. */
export const NameKind = { KERNEL: 1, STREAM: 2, TENANT: 3, DEVICE: 4 } as const

export const SNAPSHOT_PAGE_BYTES = 4096
