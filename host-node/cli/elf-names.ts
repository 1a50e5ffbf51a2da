/**
 * The names that a shared library or program offers to others and wants from them, from its dynamic symbol table. Reads
 * only that, as CANN's libraries take hundreds of megabytes.
 */
import { closeSync, openSync, readSync } from 'node:fs'

export interface ElfNames {
  /** Functions it defines for others. */
  defined: Set<string>
  /** Functions it wants, that another library has to define. */
  wanted: Set<string>
}

/** ELF64: sizes and places (ELF specification). */
const HEADER_BYTES = 64
const SECTION_BYTES = 64
const SYMBOL_BYTES = 24
const TYPE_DYNSYM = 11

/** Null where the file is no ELF file that can be read so (no sections, another class). */
export function elfNames(file: string): ElfNames | null {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return null
  }
  try {
    return namesOf(fd)
  } catch {
    return null
  } finally {
    closeSync(fd)
  }
}

function at(fd: number, offset: bigint, bytes: bigint): Buffer {
  const into = Buffer.alloc(Number(bytes))
  if (readSync(fd, into, 0, into.length, offset) !== into.length) throw new RangeError('the file ends early')
  return into
}

function namesOf(fd: number): ElfNames | null {
  const header = at(fd, 0n, BigInt(HEADER_BYTES))
  if (header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null
  const count = header.readUInt16LE(60)
  const sections = at(fd, header.readBigUInt64LE(40), BigInt(count * SECTION_BYTES))
  const section = (i: number): { type: number; link: number; data: () => Buffer } => {
    const o = i * SECTION_BYTES
    const [offset, size] = [sections.readBigUInt64LE(o + 24), sections.readBigUInt64LE(o + 32)]
    return { type: sections.readUInt32LE(o + 4), link: sections.readUInt32LE(o + 40), data: () => at(fd, offset, size) }
  }
  const table = Array.from({ length: count }, (_, i) => section(i)).find(({ type }) => type === TYPE_DYNSYM)
  if (table === undefined) return null
  const [symbols, text] = [table.data(), section(table.link).data()]
  const names: ElfNames = { defined: new Set(), wanted: new Set() }
  for (let o = SYMBOL_BYTES; o + SYMBOL_BYTES <= symbols.length; o += SYMBOL_BYTES) {
    const start = symbols.readUInt32LE(o)
    const name = text.toString('latin1', start, text.indexOf(0, start))
    const isDefined = symbols.readUInt16LE(o + 6) !== 0
    if (name !== '') (isDefined ? names.defined : names.wanted).add(name)
  }
  return names
}
