/**
 * Tells whether a file is a shared library that this machine can load, from the first bytes of its ELF header, so that
 * a wrong file is named before a program is started with it.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { UserError } from './errors.ts'

/** e_machine of the machines we run on (ELF specification), by Node's name of the architecture. */
const machines: Record<string, number> = { x64: 62, arm64: 183 }
const machineNames: Record<number, string> = { 3: 'x86', 40: 'arm', 62: 'x86-64', 183: 'aarch64', 243: 'riscv' }

const ELF_HEADER_BYTES = 64
const CLASS_64 = 2
const LITTLE_ENDIAN = 1
const TYPE_SHARED = 3

/** Throws UserError where `file` is not a readable 64-bit ELF shared library of this machine's architecture. */
export function requireLoadable(file: string): void {
  const header = Buffer.alloc(ELF_HEADER_BYTES)
  const got = readStart(file, header)
  if (got < 4 || header.toString('latin1', 0, 4) !== '\x7fELF') {
    throw new UserError(`${file}: not a shared library (byte 0: no ELF header)`)
  }
  if (got < ELF_HEADER_BYTES) throw new UserError(`${file}: ends at byte ${got}, inside the ELF header`)
  if (header[4] !== CLASS_64 || header[5] !== LITTLE_ENDIAN) {
    throw new UserError(`${file}: byte 4: not a 64-bit little-endian ELF file`)
  }
  const machine = header.readUInt16LE(18)
  const ours = machines[process.arch]
  if (machine !== ours) {
    const theirs = machineNames[machine] ?? `machine ${machine}`
    throw new UserError(
      `${file}: byte 18: built for ${theirs}, this machine is ${machineNames[ours ?? 0] ?? process.arch}`,
    )
  }
  if (header.readUInt16LE(16) !== TYPE_SHARED)
    throw new UserError(`${file}: byte 16: an ELF file, but no shared library`)
}

function readStart(file: string, into: Buffer): number {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${codeOf(error)})`)
  }
  try {
    return readSync(fd, into, 0, into.length, 0)
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${codeOf(error)})`)
  } finally {
    closeSync(fd)
  }
}

/** The system's code of an error (ENOENT), or its message. */
export const codeOf = (error: unknown): string => {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}
