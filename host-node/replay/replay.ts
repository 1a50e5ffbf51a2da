/** Replays a recording from a file and says whether it is decided as it was recorded (comparison.ts). */
import { EVENT_BYTES } from '../../spec/records.ts'
import type { Core } from '../core/core.ts'
import type { Damage } from '../log/errors.ts'
import { LogReader } from '../log/reader.ts'
import { shownEvent, type ShownRecord } from '../log/shown.ts'
import { Comparison, hex64, type Difference } from './comparison.ts'

export { hex64, type Difference } from './comparison.ts'

/** Outcome of a replay. */
export interface ReplayResult {
  /** Events fed. */
  events: number
  /** Decisions that the core made. */
  decisions: number
  /** Decisions, hashes and snapshots that are not as recorded. */
  differences: number
  /** Of the core after the last event, 0x and 16 digits. */
  state_hash: string
  decision_hash: string
  first_difference?: Difference
  /** How many snapshots and hashes of DECISIONS frames were compared. */
  snapshots_checked: number
  hashes_checked: number
  /** Decisions of either side whose other side lies in the torn part: not compared. */
  unverified: number
  /** Whether the core that replayed is the one that recorded. */
  core_match: boolean
  /** SHA-256 of both. */
  core: { recorded: string; replayed: string }
  /** Where the good part ends, where the file is torn or damaged. */
  torn?: Damage
}

/** Progress of a long replay: bytes of the file read, of all. */
export type ReplayProgress = (bytes: number, of: number) => void

/** Replays the recording in `file` with this core (a fresh one). Throws LogError where the file is no recording. */
export function replay(file: string, core: Core, progress: ReplayProgress = () => {}): ReplayResult {
  const reader = new LogReader(file)
  try {
    const session = new Comparison(core)
    for (const frame of reader.frames()) {
      session.frame(frame)
      progress(frame.offset + frame.payload.length, reader.size)
    }
    const { footer, damage } = reader.end
    session.finish(footer, damage !== undefined)
    const cause = session.first?.event === undefined ? undefined : findEvent(reader, session.first.event)
    const recorded = Buffer.from(reader.header.core_hash).toString('hex')
    return {
      events: session.events,
      decisions: session.decisions,
      differences: session.differences,
      state_hash: hex64(core.stateHash()),
      decision_hash: hex64(core.decisionHash()),
      ...(session.first && { first_difference: { ...session.first, ...(cause && { cause }) } }),
      snapshots_checked: session.snapshots,
      hashes_checked: session.hashes,
      unverified: session.unverified,
      core_match: recorded === core.hash,
      core: { recorded, replayed: core.hash },
      ...(damage && { torn: damage }),
    }
  } finally {
    reader.close()
  }
}

/** Reads the recording once more, up to event number `seq`. */
function findEvent(reader: LogReader, seq: number): ShownRecord | undefined {
  const wanted = BigInt(seq)
  for (const frame of reader.frames()) {
    if (frame.name !== 'EVENTS' || wanted < frame.first_seq) continue
    const i = Number(wanted - frame.first_seq)
    if (i < frame.count) return shownEvent(frame.payload.subarray(i * EVENT_BYTES, (i + 1) * EVENT_BYTES))
  }
  return undefined
}
