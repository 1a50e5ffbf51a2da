/** A stream in the new run: how far its program, the host and the device have come, and the markers behind its operators. */
import type { Lane } from './device.ts'
import type { StreamProgram } from './program.ts'

interface Marker {
  seq: number
  /** The one before a sample: nothing is reported of it. */
  silent: boolean
  /** Whether another was under way when it was recorded: then the stream did not idle between the two. */
  follows: boolean
}

export interface HostStream {
  readonly program: StreamProgram
  readonly lane: Lane
  alive: boolean
  ended: boolean
  /** Operators issued; decided, or issued on settled credit; reported complete. */
  issued: number
  decided: number
  reported: number
  /** The present grant, and what was used of it. */
  granted: number
  used: number
  /** Waits for room in its queue. */
  blocked: boolean
  /** The next operator waits until so many are complete; 0 for none. */
  awaited: number
  /** When the program begins to wait for what it has issued. */
  syncAt: number
  doneAt: number
  markers: Marker[]
  reports: { seq: number; device_ns: number; count: number }[]
  /** Operators before the last marker that was passed, and when that was. */
  markedSeq: number
  passedAt: number
  /** Whether it was the one before a sample. */
  sampled: boolean
  /** Number of the record that a wait means, or of the record itself, by operator. */
  readonly tickets: Map<number, number>
  /** Steps that it has yet to begin, and to end. */
  begins: number
  ends: number
}

export function hostStream(program: StreamProgram, number: number, firstStep: number): HostStream {
  return {
    program,
    lane: { number, phase: program.phase, handed: 0, done: 0, left: 0, rate: 1, running: false },
    alive: false,
    ended: false,
    issued: 0,
    decided: 0,
    reported: 0,
    granted: 0,
    used: 0,
    blocked: false,
    awaited: 0,
    syncAt: 0,
    doneAt: 0,
    markers: [],
    reports: [],
    markedSeq: 0,
    passedAt: 0,
    sampled: false,
    tickets: new Map(),
    begins: firstStep,
    ends: firstStep,
  }
}

/**
 * Takes the markers that the device has passed, and makes reports of them; how many. The time between two counts where
 * the second was recorded before the first was passed, or the first began a sample (host-shim/engine/marker.c).
 */
export function passMarkers(s: HostStream, now: number): number {
  const before = s.reports.length
  while (s.markers.length > 0 && s.markers[0]!.seq <= s.lane.done) {
    const { seq, silent, follows } = s.markers.shift()!
    const count = seq - s.markedSeq
    const exact = (follows || s.sampled) && count > 0
    const passed = now - s.passedAt
    s.sampled = silent
    s.markedSeq = seq
    s.passedAt = now
    if (!silent) s.reports.push({ seq, device_ns: exact ? Math.max(Math.round(passed), 1) : 0, count })
  }
  return s.reports.length - before
}
