/**
 * A moving window over a file, so that a recording of any size is read with bounded memory: 1 MiB, or one frame where
 * that is larger. What `bytes` returns is a view that is valid until the next call.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { LogError } from './errors.ts'

const WINDOW_BYTES = 1024 * 1024

export class FileWindow {
  readonly file: string
  /** Size of the file when it was opened; what is appended later is not seen. */
  readonly size: number
  readonly #fd: number
  #buffer = new Uint8Array(WINDOW_BYTES)
  #start = 0
  #filled = 0

  /** Opens a regular file. Throws LogError 'unreadable'. */
  constructor(file: string) {
    this.file = file
    this.#fd = guarded(file, 0, () => openSync(file, 'r'))
    try {
      const stat = guarded(file, 0, () => fstatSync(this.#fd))
      if (!stat.isFile()) throw new LogError('unreadable', file, 0, 'not a regular file')
      this.size = stat.size
    } catch (error) {
      closeSync(this.#fd)
      throw error
    }
  }

  /** `length` bytes from `at`, fewer where the file ends before. */
  bytes(at: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - at))
    if (at < this.#start || at + wanted > this.#start + this.#filled) this.#fill(at, wanted)
    const from = at - this.#start
    return this.#buffer.subarray(from, from + Math.min(wanted, this.#filled - from))
  }

  close(): void {
    closeSync(this.#fd)
  }

  #fill(at: number, wanted: number): void {
    if (wanted > this.#buffer.length) this.#buffer = new Uint8Array(wanted)
    this.#start = at
    this.#filled = 0
    while (this.#filled < this.#buffer.length) {
      const room = this.#buffer.length - this.#filled
      const got = guarded(this.file, at, () => readSync(this.#fd, this.#buffer, this.#filled, room, at + this.#filled))
      if (got === 0) break
      this.#filled += got
    }
  }
}

function guarded<T>(file: string, at: number, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new LogError('unreadable', file, at, systemReason(error))
  }
}

/** What the system says, in words where we know them. */
function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES') return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}
