/**
 * What can be wrong with a recording. Every error and every damage says which file, at which byte, and why, so that a
 * message alone is enough to look at the place.
 */

/** Why a file cannot be read as a recording at all. */
export type LogErrorCode = 'unreadable' | 'foreign' | 'newer' | 'header'

/** The file is no recording that this version can read. */
export class LogError extends Error {
  override readonly name = 'LogError'
  readonly code: LogErrorCode
  readonly file: string
  /** Byte offset in the file at which it shows. */
  readonly at: number
  readonly reason: string

  constructor(code: LogErrorCode, file: string, at: number, reason: string) {
    super(`${file}: byte ${at}: ${reason}`)
    this.code = code
    this.file = file
    this.at = at
    this.reason = reason
  }
}

/**
 * Where the good part of a recording ends. Everything before `at` is whole; nothing after it is used.
 * - torn     the file ends early: the writer was killed, or the disk was full
 * - damaged  bytes are there, and are not what was written
 */
export interface Damage {
  kind: 'torn' | 'damaged'
  /** Byte offset of the first frame (or trailer) that is not good. */
  at: number
  reason: string
}

/** One line for people: what is wrong with `file`, and where. */
export function describeDamage(file: string, damage: Damage): string {
  return `${file}: ${damage.kind} at byte ${damage.at}: ${damage.reason}`
}
