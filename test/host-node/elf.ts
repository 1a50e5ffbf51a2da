/** The first bytes of an ELF file, to be checked but never loaded. */

/** A 64-byte header of a shared library for this machine, or one that is wrong where asked. */
export function elfHeader(wrong: { class?: number; type?: number; machine?: number } = {}): Buffer {
  const header = Buffer.alloc(64)
  header.write('\x7fELF', 'latin1')
  header[4] = wrong.class ?? 2
  header[5] = 1
  header[6] = 1
  header.writeUInt16LE(wrong.type ?? 3, 16)
  header.writeUInt16LE(wrong.machine ?? (process.arch === 'arm64' ? 183 : 62), 18)
  return header
}
