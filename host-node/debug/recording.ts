/** Whether a file is a recording that the page can show, before anybody waits for the page. Packed ones, too. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { LOG_HEADER_BYTES } from '../../spec/log.ts'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'
import { LogError, type Damage } from '../log/errors.ts'
import { decodeFixedHeader } from '../log/header.ts'
import { LogReader } from '../log/reader.ts'

export interface Shown {
  bytes: number
  /** Where the good part ends, where there is more, or it was not closed. */
  damage?: Damage
}

/** Looks at a file. Throws UserError or LogError where it is no recording; one that is torn can be shown. */
export function checkRecording(file: string): Shown {
  const { head, bytes } = firstBytes(file)
  if (head[0] === 0x1f && head[1] === 0x8b) {
    decodeFixedHeader(file, unpacked(file, head).subarray(0, LOG_HEADER_BYTES))
    return { bytes }
  }
  const reader = new LogReader(file)
  try {
    if (reader.isClosed()) return { bytes }
    for (const _ of reader.frames());
    const { damage } = reader.end
    return { bytes, ...(damage && { damage }) }
  } finally {
    reader.close()
  }
}

function firstBytes(file: string): { head: Buffer; bytes: number } {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    const code = codeOf(error)
    throw new UserError(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code ?? String(error)})`}`)
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new UserError(`${file}: is no file`)
    const head = Buffer.alloc(64 * 1024)
    return { head: head.subarray(0, readSync(fd, head, 0, head.length, 0)), bytes: stat.size }
  } finally {
    closeSync(fd)
  }
}

function unpacked(file: string, head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw new LogError(
      'foreign',
      file,
      0,
      `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
