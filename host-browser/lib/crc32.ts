/**
 * CRC-32 as zlib computes it, sixteen bytes a turn. The browser's stand-in for host-node/log/crc32.ts: the build puts
 * it in that file's place (vite.config.ts), so that there is one codec.
 */

/** Sixteen tables: CRC of a byte followed by 0 to 15 zero bytes. */
const tables = makeTables()

function makeTables(): Int32Array {
  const all = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let c = byte
    for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    all[byte] = c
  }
  for (let i = 256; i < all.length; i++) {
    const before = all[i - 256] as number
    all[i] = (before >>> 8) ^ (all[before & 0xff] as number)
  }
  return all
}

/** CRC-32 (polynomial 0xEDB88320) of the bytes, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  const t = tables
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~15
  let crc = -1
  let at = 0
  for (; at < whole; at += 16) {
    const a = view.getInt32(at, true) ^ crc
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(at + 8, true)
    const d = view.getInt32(at + 12, true)
    crc =
      t[3840 + (a & 255)]! ^
      t[3584 + ((a >>> 8) & 255)]! ^
      t[3328 + ((a >>> 16) & 255)]! ^
      t[3072 + (a >>> 24)]! ^
      t[2816 + (b & 255)]! ^
      t[2560 + ((b >>> 8) & 255)]! ^
      t[2304 + ((b >>> 16) & 255)]! ^
      t[2048 + (b >>> 24)]! ^
      t[1792 + (c & 255)]! ^
      t[1536 + ((c >>> 8) & 255)]! ^
      t[1280 + ((c >>> 16) & 255)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + (d & 255)]! ^
      t[512 + ((d >>> 8) & 255)]! ^
      t[256 + ((d >>> 16) & 255)]! ^
      t[d >>> 24]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}
