/**
 * What the core is fed and decides, for those who look on: frames of a recording (docs/flexlog.md) that begins with the
 * state of the core at the moment they come. It costs the loop nothing while nobody looks, and it never waits: who is
 * sent what, and who is too slow, is the connection's business.
 */
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import type { Core } from '../core/core.ts'
import { encodeDecisions, encodeFrame } from '../log/frame.ts'
import { encodeHeader } from '../log/header.ts'
import { encodeNames, type NameEntry } from '../log/names.ts'
import { encodeSnapshot } from '../log/snapshot.ts'
import type { Recorder } from './decider.ts'
import { Gather } from './gather.ts'
import { MOST_NAMES, SNAPSHOT_EVENTS } from './recording.ts'

/** What was gathered is sent no later than this. */
const FLUSH_MS = 100

/** Gets bytes of a recording, one after another; they are not changed afterwards. */
export type Listener = (bytes: Uint8Array) => void

export class LiveFeed implements Recorder {
  readonly #core: Core
  readonly #start_unix_ns: bigint
  readonly #json: Record<string, unknown>
  readonly #listeners = new Set<Listener>()
  readonly #names = new Map<string, NameEntry>()
  readonly #gather = new Gather()
  #decisions = 0n
  #sinceSnapshot = 0
  #timer: NodeJS.Timeout | undefined

  /** `start_unix_ns`: the wall clock at event time 0. */
  constructor(core: Core, configuration: Record<string, unknown>, start_unix_ns: bigint) {
    this.#core = core
    this.#json = { host: 'daemon', pid: process.pid, ...configuration }
    this.#start_unix_ns = start_unix_ns
  }

  get isOn(): boolean {
    return this.#listeners.size > 0
  }

  /** Events that were fed before a listener that comes now. */
  get events(): bigint {
    return this.#core.eventsSeen()
  }

  /** Sends a recording from now on; the function ends it. */
  listen(listener: Listener): () => void {
    this.flush()
    const { payload, count } = encodeSnapshot(this.#core.snapshot())
    const begins_after = Number(this.events)
    const core_hash = Buffer.from(this.#core.hash, 'hex')
    listener(encodeHeader({ start_unix_ns: this.#start_unix_ns, core_hash, json: { ...this.#json, begins_after } }))
    listener(encodeFrame('SNAPSHOT', count, this.events + 1n, payload))
    const names = [...this.#names.values()]
    if (names.length > 0) listener(encodeFrame('NAMES', names.length, 0n, encodeNames(names)))
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => this.flush(), FLUSH_MS)
    return () => {
      this.#listeners.delete(listener)
      if (this.isOn) return
      this.#gather.drain()
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  take(event: Uint8Array, decisions: Uint8Array): void {
    if (!this.isOn) return
    this.#gather.take(event, decisions)
    if (this.#gather.isFull) this.flush()
  }

  name(kind: number, id: bigint, name: string): void {
    const key = `${kind} ${id} ${name}`
    if (this.#names.has(key) || this.#names.size >= MOST_NAMES) return
    const entry = { kind, id, name }
    this.#names.set(key, entry)
    if (!this.isOn) return
    this.flush()
    this.#send(encodeFrame('NAMES', 1, 0n, encodeNames([entry])))
  }

  /** Sends what was gathered. */
  flush(): void {
    const { events, decisions } = this.#gather.drain()
    if (events.length === 0) return
    const count = events.length / EVENT_BYTES
    this.#send(encodeFrame('EVENTS', count, this.events - BigInt(count) + 1n, events))
    if (decisions.length > 0) {
      this.#send(encodeDecisions(decisions, this.#decisions + 1n, this.#core.decisionHash()))
      this.#decisions += BigInt(decisions.length / DECISION_BYTES)
    }
    this.#sinceSnapshot += count
    if (this.#sinceSnapshot < SNAPSHOT_EVENTS) return
    this.#sinceSnapshot = 0
    const { payload, count: pages } = encodeSnapshot(this.#core.snapshot())
    this.#send(encodeFrame('SNAPSHOT', pages, this.events + 1n, payload))
  }

  #send(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes)
  }
}

/** Several recorders as one. */
export class Recorders implements Recorder {
  readonly #all: readonly Recorder[]

  constructor(all: readonly Recorder[]) {
    this.#all = all
  }

  get isOn(): boolean {
    for (const recorder of this.#all) if (recorder.isOn) return true
    return false
  }

  take(event: Uint8Array, decisions: Uint8Array): void {
    for (const recorder of this.#all) recorder.take(event, decisions)
  }

  name(kind: number, id: bigint, name: string): void {
    for (const recorder of this.#all) recorder.name(kind, id, name)
  }
}
