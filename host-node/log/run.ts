/** A recording's events and decisions, whole in memory, for what runs them again. */
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import type { Damage } from './errors.ts'
import type { LogHeader } from './header.ts'
import { LogReader } from './reader.ts'

export interface LoadedRun {
  header: LogHeader
  run: { json: unknown; events: Uint8Array; decisions: Uint8Array }
  /** Where the good part ends, where there is more. */
  damage?: Damage
}

/** Reads the good part of a recording. Throws LogError where the file is none. */
export function readRun(file: string): LoadedRun {
  const reader = new LogReader(file)
  try {
    let [eventBytes, decisionBytes] = [0, 0]
    for (const { name, count } of reader.frames()) {
      if (name === 'EVENTS') eventBytes += count * EVENT_BYTES
      if (name === 'DECISIONS') decisionBytes += count * DECISION_BYTES
    }
    const events = new Uint8Array(eventBytes)
    const decisions = new Uint8Array(decisionBytes)
    let [e, d] = [0, 0]
    for (const { name, count, payload } of reader.frames()) {
      if (name === 'EVENTS') {
        events.set(payload, e)
        e += payload.length
      } else if (name === 'DECISIONS') {
        decisions.set(payload.subarray(0, count * DECISION_BYTES), d)
        d += count * DECISION_BYTES
      }
    }
    const { damage } = reader.end
    const { header } = reader
    return { header, run: { json: header.json, events, decisions }, ...(damage && { damage }) }
  } finally {
    reader.close()
  }
}
