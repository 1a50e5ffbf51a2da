/** Whether two stretches of bytes are the same, a word at a time where both are aligned. Works in every engine. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let from = 0
  if (((a.byteOffset | b.byteOffset) & 3) === 0) {
    const words = a.length >>> 2
    const x = new Int32Array(a.buffer, a.byteOffset, words)
    const y = new Int32Array(b.buffer, b.byteOffset, words)
    for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false
    from = words << 2
  }
  for (let i = from; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
