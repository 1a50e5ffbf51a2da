/**
 * CRC-32 as zlib computes it, from the zlib that Node carries. The only line of the codec that ties it to Node; a
 * browser build replaces this file.
 */
import { crc32 as zlibCrc32 } from 'node:zlib'

/** CRC-32 (polynomial 0xEDB88320) of the bytes, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  return zlibCrc32(bytes)
}
