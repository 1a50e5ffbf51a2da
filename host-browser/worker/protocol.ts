/**
 * What the page and its worker say to one another. The page asks (Request) and gets one answer each; the worker tells
 * (Notice) how reading goes. Only what is open is answered: opening another recording ends everything before.
 */
import type { ShownRecord } from '../../host-node/log/shown.ts'
import type { CoreView } from '../lib/core-view.ts'
import type { Delta } from '../lib/deltas.ts'
import type { Verdict } from '../lib/recording.ts'
import type { Why } from '../lib/why.ts'
import type { WhatIfAnswer, WhatIfQuestion } from '../lib/what-if-desk.ts'

/** Where a recording comes from. */
export type Source =
  | { kind: 'file'; file: File }
  | { kind: 'url'; url: string; name: string }
  | { kind: 'bytes'; bytes: Uint8Array<ArrayBuffer>; name: string }
  /** A daemon that still writes: a WebSocket whose messages are the bytes of a recording as they come. */
  | { kind: 'attach'; url: string }

export interface OpenOptions {
  source: Source
  wasm: Uint8Array<ArrayBuffer>
  /** SHA-256 of it, hex, where the page may compute that. */
  wasm_hash?: string
}

/** A place in the recording and what is there. */
export interface Position {
  /** Events executed. */
  events: number
  time_ns: number
  /** The last event executed, and the decisions it led to. */
  event?: ShownRecord
  decisions: { index: number; shown: ShownRecord }[]
  /** The decision the place is about, counted from 0; -1 for none. */
  decision: number
  core: CoreView
}

export type Step =
  | { by: 'event'; back: boolean }
  | { by: 'decision'; back: boolean; stream?: number }
  | { by: 'time'; time_ns: number }
  | { by: 'seek'; events: number; decision?: number }

export interface StopText {
  text: string
  watch: boolean
}

export interface TableRow {
  /** Counted from 1. */
  number: number
  event: number
  time_ns: number
  shown: ShownRecord
}

export type Request =
  | { ask: 'open'; options: OpenOptions }
  | { ask: 'step'; from: number; decision: number; step: Step }
  | { ask: 'search'; from: number; decision: number; stops: StopText[]; back: boolean }
  | { ask: 'check'; text: string }
  /** `part`: text of a part of the page, for the worker to run (state/parts.ts); so below. */
  | { ask: 'why'; decision: number; part: string }
  | { ask: 'table'; what: 'events' | 'decisions'; from_ns: number; count: number; skip: number }
  | { ask: 'csv'; what: 'events' | 'decisions'; from_ns: number; to_ns: number; part: string }
  | { ask: 'what-if'; question: WhatIfQuestion; part: string }
  | { ask: 'stop' }

/** A breakpoint or watchpoint that was hit. */
export interface Hit {
  position: Position
  stop: number
}

export interface Answers {
  open: { name: string; verdict: Verdict; ended: string }
  step: Position
  search: Hit | null
  check: { condition: boolean; state: boolean } | { error: string; at: number }
  why: Why
  table: { rows: TableRow[]; total: number; first: number }
  csv: Blob
  'what-if': WhatIfAnswer
  stop: null
}

export type Message = Request & { id: number }

export type Reply =
  | { id: number; answer: unknown }
  | { id: number; error: string; name: string }
  | { notice: 'progress'; what: string; part: number }
  | {
      notice: 'read'
      delta: Delta
      verdict: Verdict
      header: HeaderFacts | undefined
      /** Bytes read, of all where that is known. */
      bytes: number
      of: number | undefined
      /** Time spent on checking, replaying and comparing so far. */
      replay_ms: number
    }

/** What the header of the recording says. */
export interface HeaderFacts {
  version: number
  start_unix_ms: number
  json: unknown
  stats: unknown
}
