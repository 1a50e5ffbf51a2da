/**
 * Writes a recording. Frames reach the file in the order of the calls, each in one write, so that a writer that dies
 * leaves whole frames and at most one torn one; close() adds the footer and the trailer, which make it complete.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { FrameType } from '../../spec/log.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { encodeFooter, encodeTrailer, type FrameIndexEntry } from './footer.ts'
import { encodeDecisions, encodeFrame, type FrameName } from './frame.ts'
import { encodeHeader, type LogHeader } from './header.ts'
import { encodeNames, type NameEntry } from './names.ts'
import { encodeSnapshot } from './snapshot.ts'

export class LogWriter {
  readonly file: string
  readonly #fd: number
  readonly #index: FrameIndexEntry[] = []
  #at = 0
  #events = 0n
  #decisions = 0n

  /** Creates `file`, or empties it, and writes the header. */
  constructor(file: string, header: Omit<LogHeader, 'version'>) {
    const bytes = encodeHeader(header)
    this.file = file
    this.#fd = openSync(file, 'w')
    this.#write(bytes)
  }

  /** Bytes written so far: whole frames. */
  get bytes(): number {
    return this.#at
  }

  /** Events written so far. */
  get events(): bigint {
    return this.#events
  }

  /** Appends event records, in the order in which the core gets them. */
  writeEvents(records: Uint8Array): void {
    const count = wholeRecords(records, EVENT_BYTES)
    this.#frame('EVENTS', count, this.#events + 1n, records)
    this.#events += BigInt(count)
  }

  /** Appends decision records and the decision hash of the core after the last of them. */
  writeDecisions(records: Uint8Array, decision_hash: bigint): void {
    const count = wholeRecords(records, DECISION_BYTES)
    this.#append(
      'DECISIONS',
      count,
      this.#decisions + 1n,
      encodeDecisions(records, this.#decisions + 1n, decision_hash),
    )
    this.#decisions += BigInt(count)
  }

  /** Says what numbers stand for. */
  writeNames(entries: readonly NameEntry[]): void {
    this.#frame('NAMES', entries.length, 0n, encodeNames(entries))
  }

  /** Keeps the state of the core after the last event written, to seek to. */
  writeSnapshot(state: Uint8Array): void {
    const { payload, count } = encodeSnapshot(state)
    this.#frame('SNAPSHOT', count, this.#events + 1n, payload)
  }

  /** Statistics of the run: calls by function, faults, unknown functions. */
  writeStats(stats: unknown): void {
    this.#frame('STATS', 1, 0n, new TextEncoder().encode(JSON.stringify(stats)))
  }

  /** Completes the recording with the hashes of the core at its end, and closes the file. */
  close(hashes: { decision_hash: bigint; state_hash: bigint }): void {
    const offset = this.#at
    const index = [...this.#index]
    const payload = encodeFooter({ ...hashes, events: this.#events, decisions: this.#decisions, index })
    this.#frame('FOOTER', index.length, 0n, payload)
    this.#write(encodeTrailer(offset))
    closeSync(this.#fd)
  }

  /** Closes the file as it is: a torn recording, whole up to the last frame. */
  abandon(): void {
    closeSync(this.#fd)
  }

  #frame(name: FrameName, count: number, first_seq: bigint, payload: Uint8Array): void {
    this.#append(name, count, first_seq, encodeFrame(name, count, first_seq, payload))
  }

  #append(name: FrameName, count: number, first_seq: bigint, frame: Uint8Array): void {
    const offset = this.#at
    this.#write(frame)
    this.#index.push({ offset, type: FrameType[name], count, first_seq })
  }

  #write(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done)
    this.#at += bytes.length
  }
}

function wholeRecords(bytes: Uint8Array, record_bytes: number): number {
  const count = bytes.length / record_bytes
  if (!Number.isInteger(count)) throw new RangeError(`${bytes.length} bytes are no whole records of ${record_bytes}`)
  return count
}
