/**
 * The header of a recording: magic, version, core hash and JSON. Checked in an order that gives each kind of bad file
 * its own error: foreign, damaged, newer.
 *
 *   0        8        12          16              24                  56          60          64
 *   | magic  | version| json_bytes| start_unix_ns | core SHA-256 (32) | json_crc32| header_crc|  JSON ...
 */
import { CORE_HASH_AT, CORE_HASH_BYTES, LOG_HEADER_BYTES, LOG_MAGIC, LOG_VERSION } from '../../spec/log.ts'
import { crc32 } from './crc32.ts'
import { LogError } from './errors.ts'

/** Greatest JSON a header may carry, 16 MiB; a greater length is damage, not a configuration. */
export const MAX_HEADER_JSON_BYTES = 16 * 1024 * 1024

/** What the header of a recording says. */
export interface LogHeader {
  version: number
  /** Wall-clock time of time_ns = 0, nanoseconds since 1970. */
  start_unix_ns: bigint
  /** SHA-256 of the core.wasm that decided, 32 bytes. */
  core_hash: Uint8Array
  /** Configuration and topology, as the writer put it. */
  json: unknown
}

const VERSION_AT = 8
const JSON_BYTES_AT = 12
const START_AT = 16
const JSON_CRC_AT = 56
const HEADER_CRC_AT = 60

const magic = Uint8Array.from(LOG_MAGIC, (c) => c.charCodeAt(0))

/** The header with its JSON, as bytes. */
export function encodeHeader(header: Omit<LogHeader, 'version'>): Uint8Array {
  if (header.core_hash.length !== CORE_HASH_BYTES) {
    throw new RangeError(`a core hash has ${CORE_HASH_BYTES} bytes, not ${header.core_hash.length}`)
  }
  const json = new TextEncoder().encode(JSON.stringify(header.json))
  if (json.length > MAX_HEADER_JSON_BYTES) {
    throw new RangeError(`the header JSON has ${json.length} bytes, more than ${MAX_HEADER_JSON_BYTES}`)
  }
  const bytes = new Uint8Array(LOG_HEADER_BYTES + json.length)
  const view = new DataView(bytes.buffer)
  bytes.set(magic, 0)
  view.setUint32(VERSION_AT, LOG_VERSION, true)
  view.setUint32(JSON_BYTES_AT, json.length, true)
  view.setBigUint64(START_AT, header.start_unix_ns, true)
  bytes.set(header.core_hash, CORE_HASH_AT)
  view.setUint32(JSON_CRC_AT, crc32(json), true)
  view.setUint32(HEADER_CRC_AT, crc32(bytes.subarray(0, HEADER_CRC_AT)), true)
  bytes.set(json, LOG_HEADER_BYTES)
  return bytes
}

/**
 * Checks the first bytes of `file` (as many of LOG_HEADER_BYTES as it has) and returns the header without its JSON, and
 * how the JSON is stored. Throws LogError.
 */
export function decodeFixedHeader(
  file: string,
  bytes: Uint8Array,
): { header: Omit<LogHeader, 'json'>; json_bytes: number; json_crc32: number } {
  const differs = magic.findIndex((byte, at) => bytes[at] !== byte)
  if (differs >= 0) {
    const what = bytes.length === 0 ? 'the file is empty' : 'it does not begin as a recording does'
    throw new LogError('foreign', file, Math.min(differs, bytes.length), `not a FlexNPU recording: ${what}`)
  }
  if (bytes.length < LOG_HEADER_BYTES) {
    throw new LogError('header', file, bytes.length, `the file ends inside the ${LOG_HEADER_BYTES}-byte header`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(VERSION_AT, true)
  const stored = view.getUint32(HEADER_CRC_AT, true)
  const computed = crc32(bytes.subarray(0, HEADER_CRC_AT))
  if (stored !== computed) {
    throw new LogError(
      'header',
      file,
      HEADER_CRC_AT,
      `header CRC is ${hex32(computed)}, the file says ${hex32(stored)}`,
    )
  }
  if (version > LOG_VERSION) {
    const reason = `format version ${version} is newer than ${LOG_VERSION}, the newest this flexnpu reads; use a newer one`
    throw new LogError('newer', file, VERSION_AT, reason)
  }
  if (version === 0) throw new LogError('header', file, VERSION_AT, 'format version 0 is none')
  const json_bytes = view.getUint32(JSON_BYTES_AT, true)
  if (json_bytes > MAX_HEADER_JSON_BYTES) {
    throw new LogError(
      'header',
      file,
      JSON_BYTES_AT,
      `header JSON of ${json_bytes} bytes exceeds ${MAX_HEADER_JSON_BYTES}`,
    )
  }
  const header = {
    version,
    start_unix_ns: view.getBigUint64(START_AT, true),
    core_hash: bytes.slice(CORE_HASH_AT, CORE_HASH_AT + CORE_HASH_BYTES),
  }
  return { header, json_bytes, json_crc32: view.getUint32(JSON_CRC_AT, true) }
}

/** Checks and parses the JSON that follows the fixed header. `bytes` is what the file has of it. Throws LogError. */
export function decodeHeaderJson(file: string, bytes: Uint8Array, json_bytes: number, json_crc32: number): unknown {
  if (bytes.length < json_bytes) {
    const at = LOG_HEADER_BYTES + bytes.length
    throw new LogError('header', file, at, `the file ends inside the header JSON of ${json_bytes} bytes`)
  }
  const computed = crc32(bytes)
  if (computed !== json_crc32) {
    const reason = `CRC of the header JSON is ${hex32(computed)}, the header says ${hex32(json_crc32)}`
    throw new LogError('header', file, LOG_HEADER_BYTES, reason)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch (error) {
    const reason = `the header JSON cannot be parsed: ${error instanceof Error ? error.message : String(error)}`
    throw new LogError('header', file, LOG_HEADER_BYTES, reason)
  }
}

/** A CRC as people read it. */
export const hex32 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`
