/**
 * What the page asks of what-if/ and gets from it: its figures, and both runs' rows to draw. A recording is put together
 * in one piece for it, which bounds what may be asked.
 */
import { shownDecision, type ShownRecord } from '../../host-node/log/shown.ts'
import { CoreInstance } from '../../host-node/core/instance.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { Activity } from './activity.ts'
import { count } from './format.ts'
import type { Delta } from './deltas.ts'
import type { RecordStore } from './record-store.ts'
import type { Recording } from './recording.ts'
import { WhatIf, WhatIfError, type DecisionSide, type Metrics } from './what-if/what-if.ts'

export interface WhatIfQuestion {
  /** PolicyId. */
  policy: number
  /** In the order of policyParameters; 0 is the default. */
  parameters: number[]
}

export interface Side {
  decision: number
  event: number
  time_ns: number
  shown: ShownRecord
}

export interface WhatIfAnswer {
  question: WhatIfQuestion
  recorded_policy: number
  recorded: Metrics
  model: Metrics | null
  whatif: Metrics
  first_difference: { recorded: Side | null; whatif: Side | null } | null
  notes: string[]
  /** Rows of the new run. */
  run: Delta
}

/** A recording of more events is not run again here: the page would hold it three times. */
export const MOST_EVENTS = 4_000_000

const side = (of: DecisionSide | null): Side | null =>
  of && { decision: of.decision, event: of.event, time_ns: of.time_ns, shown: shownDecision(of.record) }

/** Asks it of one recording, any number of times: its programs are recovered once. */
export class WhatIfDesk {
  readonly #recording: Recording
  readonly #core: CoreInstance
  #whatIf: WhatIf | undefined
  #events = -1

  constructor(recording: Recording, wasm: Uint8Array<ArrayBuffer>) {
    this.#recording = recording
    this.#core = new CoreInstance(wasm)
  }

  /** Throws WhatIfError, with words for people. */
  ask(question: WhatIfQuestion, progress: (part: number) => void): WhatIfAnswer {
    const { events } = this.#recording
    if (events.count > MOST_EVENTS) {
      const [has, most] = [count(events.count), count(MOST_EVENTS)]
      throw new WhatIfError(`The recording has ${has} events; the page runs at most ${most} again. Use flexnpu whatif.`)
    }
    if (this.#whatIf === undefined || this.#events !== events.count) {
      const run = {
        json: this.#recording.header?.json,
        events: joined(events, EVENT_BYTES),
        decisions: joined(this.#recording.decisions, DECISION_BYTES),
      }
      this.#whatIf = new WhatIf(run)
      this.#events = events.count
    }
    const { policy, parameters } = question
    const result = this.#whatIf.run(this.#core, { policy, parameters, model: true, progress })
    const { first_difference: first } = result
    const activity = new Activity()
    activity.walk(words(result.run.events), words(result.run.decisions))
    return {
      question,
      recorded_policy: result.recorded_policy,
      recorded: result.recorded,
      model: result.model,
      whatif: result.whatif,
      first_difference: first && { recorded: side(first.recorded), whatif: side(first.whatif) },
      notes: result.notes,
      run: activity.take(true),
    }
  }
}

function joined(store: RecordStore, record_bytes: number): Uint8Array {
  const all = new Uint8Array(store.count * record_bytes)
  for (let i = 0; i < store.count;) {
    const part = store.run(i, store.count - i)
    all.set(part, i * record_bytes)
    i += part.length / record_bytes
  }
  return all
}

const words = (bytes: Uint8Array): Uint32Array => {
  const own = (bytes.byteOffset & 3) === 0 ? bytes : bytes.slice()
  return new Uint32Array(own.buffer, own.byteOffset, own.length >>> 2)
}
