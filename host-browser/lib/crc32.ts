/**
 * CRC-32 as zlib computes it. The browser's stand-in for host-node/log/crc32.ts: the build puts it in that file's place
 * (vite.config.ts), so that there is one codec. Eight bytes a turn, and of what is long two halves beside one another:
 * each look into a table has to wait for the one before, so one half alone leaves a processor idle.
 */

const POLYNOMIAL = 0xedb88320
/** Bytes from which two halves pay: putting them together takes some 500 ns. */
const TWO_HALVES_FROM = 512

/** Eight tables: CRC of a byte followed by 0 to 7 zero bytes. */
const tables = makeTables()

function makeTables(): Int32Array {
  const all = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let c = byte
    for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1
    all[byte] = c
  }
  for (let i = 256; i < all.length; i++) {
    const before = all[i - 256] as number
    all[i] = (before >>> 8) ^ (all[before & 0xff] as number)
  }
  return all
}

/** Product of two polynomials modulo the CRC's; the highest bit is the power 0. */
function product(a: number, b: number): number {
  let sum = 0
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= b
    b = (b & 1) !== 0 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1
  }
  return sum
}

/** What a CRC becomes with so many zero bytes behind it. */
function shifted(crc: number, bytes: number): number {
  let power = 0x00800000 // the power 8: a byte
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) crc = product(crc, power)
    power = product(power, power)
  }
  return crc
}

/** CRC-32 (polynomial 0xEDB88320) of the bytes, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  const t = tables
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const half = bytes.length < TWO_HALVES_FROM ? 0 : (bytes.length >>> 1) & ~7
  let x = -1
  let y = 0
  for (let at = 0; at < half; at += 8) {
    const a = view.getInt32(at, true) ^ x
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(half + at, true) ^ y
    const d = view.getInt32(half + at + 4, true)
    x =
      t[1792 + (a & 255)]! ^
      t[1536 + ((a >>> 8) & 255)]! ^
      t[1280 + ((a >>> 16) & 255)]! ^
      t[1024 + (a >>> 24)]! ^
      t[768 + (b & 255)]! ^
      t[512 + ((b >>> 8) & 255)]! ^
      t[256 + ((b >>> 16) & 255)]! ^
      t[b >>> 24]!
    y =
      t[1792 + (c & 255)]! ^
      t[1536 + ((c >>> 8) & 255)]! ^
      t[1280 + ((c >>> 16) & 255)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + (d & 255)]! ^
      t[512 + ((d >>> 8) & 255)]! ^
      t[256 + ((d >>> 16) & 255)]! ^
      t[d >>> 24]!
  }
  let crc = shifted(x, half) ^ y
  for (let at = half * 2; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}
