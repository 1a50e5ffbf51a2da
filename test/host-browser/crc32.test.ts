/** The page's checksum is zlib's, for bytes of any length and place. */
import { crc32 as zlibs } from 'node:zlib'
import { expect, it } from 'vitest'
import { crc32 } from '../../host-browser/lib/crc32.ts'

const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 2_654_435_761) >>> 24)

it.each([0, 1, 7, 8, 28, 511, 512, 513, 527, 528, 4096, 65_535, 65_536, 69_991])('%i bytes', (length) => {
  for (const at of [0, 1, 5])
    expect(crc32(bytes.subarray(at, at + length))).toBe(zlibs(bytes.subarray(at, at + length)))
})
