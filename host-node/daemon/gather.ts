/** Events and decisions on their way into frames: gathered until there are enough, or somebody wants them now. */
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'

/** Records of a frame; reached within milliseconds under load. */
const FRAME_EVENTS = 512

export class Gather {
  readonly #events = new Uint8Array(FRAME_EVENTS * EVENT_BYTES)
  #decisions = new Uint8Array(4 * FRAME_EVENTS * DECISION_BYTES)
  #eventBytes = 0
  #decisionBytes = 0

  /** Whether no more events fit. */
  get isFull(): boolean {
    return this.#eventBytes === this.#events.length
  }

  take(event: Uint8Array, decisions: Uint8Array): void {
    this.#events.set(event, this.#eventBytes)
    this.#eventBytes += event.length
    if (this.#decisionBytes + decisions.length > this.#decisions.length) {
      const larger = new Uint8Array(this.#decisions.length * 2)
      larger.set(this.#decisions)
      this.#decisions = larger
    }
    this.#decisions.set(decisions, this.#decisionBytes)
    this.#decisionBytes += decisions.length
  }

  /** What was gathered, and begins anew; valid until the next take(). */
  drain(): { events: Uint8Array; decisions: Uint8Array } {
    const [events, decisions] = [this.#eventBytes, this.#decisionBytes]
    this.#eventBytes = this.#decisionBytes = 0
    return { events: this.#events.subarray(0, events), decisions: this.#decisions.subarray(0, decisions) }
  }
}
