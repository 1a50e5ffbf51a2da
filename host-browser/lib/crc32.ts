/**
 * CRC-32 as zlib computes it. The browser's stand-in for host-node/log/crc32.ts: the build puts it in that file's place
 * (vite.config.ts), so that there is one codec. What computes is wasm of its own (host-browser/crc/), inside the page.
 */
import inside from '../../build/crc32.wasm?url&inline'

interface Computing {
  memory: WebAssembly.Memory
  BYTES_AT: WebAssembly.Global<'i32'>
  update(crc: number, bytes: number): number
}

const code = Uint8Array.from(atob(inside.slice(inside.indexOf(',') + 1)), (letter) => letter.charCodeAt(0))
const { memory, BYTES_AT, update } = new WebAssembly.Instance(new WebAssembly.Module(code))
  .exports as unknown as Computing
const room = new Uint8Array(memory.buffer, BYTES_AT.value)

/** CRC-32 (polynomial 0xEDB88320) of the bytes, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (let at = 0; at < bytes.length; at += room.length) {
    const part = bytes.subarray(at, at + room.length)
    room.set(part)
    crc = update(crc, part.length)
  }
  return ~crc >>> 0
}
