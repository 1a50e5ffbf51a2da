/**
 * Looks for the next, or the last, place where one of several predicates says stop. A breakpoint stops where its
 * condition holds; a watchpoint where its condition begins to hold, or its value changes. Conditions on events and
 * decisions alone are looked up in the records; those on core state need every event executed.
 */
import type { Cursor } from '../cursor.ts'
import type { Recording } from '../recording.ts'
import type { Answer, Place, Predicate } from './compile.ts'

export interface Stop {
  predicate: Predicate
  watch: boolean
}

export interface Hit {
  /** Events executed at the place: the event that did it is the last of them. */
  events: number
  /** The decision that did it, counted from 0; -1 where the event did. */
  decision: number
  /** Which of the stops. */
  stop: number
}

/** Events between two looks at whether to go on. */
const SLICE = 1 << 13

/** Called now and then with how far it is, 0 to 1; false ends the search. */
export type GoOn = (part: number) => Promise<boolean>

export class Search {
  readonly #recording: Recording
  readonly #cursor: Cursor
  readonly #stops: readonly Stop[]
  readonly #state: boolean
  readonly #before: Answer[]

  constructor(recording: Recording, cursor: Cursor, stops: readonly Stop[]) {
    this.#recording = recording
    this.#cursor = cursor
    this.#stops = stops
    this.#state = stops.some(({ predicate }) => predicate.state)
    this.#before = stops.map(() => undefined)
  }

  /** The first hit after so many executed events; undefined where there is none, or the search was ended. */
  async forward(from: number, goOn: GoOn): Promise<Hit | undefined> {
    const end = this.#recording.events.count
    this.#begin(from)
    for (let event = from; event < end; event++) {
      const hit = this.#at(event)
      if (hit !== undefined) return hit
      if ((event - from) % SLICE === SLICE - 1 && !(await goOn((event - from) / (end - from)))) return undefined
    }
    return undefined
  }

  /** The last hit that lies before so many executed events. Goes back from copy to copy of the state. */
  async backward(from: number, goOn: GoOn): Promise<Hit | undefined> {
    const stretch = this.#recording.snapshots.every
    for (let end = from - 1; end > 0;) {
      const begin = Math.max(0, Math.floor((end - 1) / stretch) * stretch)
      this.#begin(begin)
      let last: Hit | undefined
      for (let event = begin; event < end; event++) {
        last = this.#at(event) ?? last
        if ((event - begin) % SLICE === SLICE - 1 && !(await goOn(1 - begin / from))) return undefined
      }
      if (last !== undefined) return last
      end = begin
    }
    return undefined
  }

  /** Watched values as they are before event `from`. */
  #begin(from: number): void {
    if (this.#state) this.#cursor.seek(from)
    for (const [i, { predicate, watch }] of this.#stops.entries()) {
      const known = watch && from > 0 && !predicate.decision
      this.#before[i] = known ? predicate.at(this.#place(from - 1, -1)) : undefined
    }
  }

  #place(event: number, decision: number): Place {
    return { recording: this.#recording, figures: this.#cursor.core.figures, event, decision }
  }

  /** Executes the event where that is needed and asks every stop. */
  #at(event: number): Hit | undefined {
    if (this.#state) this.#cursor.step()
    let hit: Hit | undefined
    for (let stop = 0; stop < this.#stops.length; stop++) {
      const { predicate, watch } = this.#stops[stop] as Stop
      if (!predicate.decision) {
        if (this.#stops_here(stop, predicate, watch, this.#place(event, -1)))
          hit ??= { events: event + 1, decision: -1, stop }
        continue
      }
      const { decisions } = this.#recording
      for (let d = this.#firstDecision(event); d < decisions.count && this.#recording.eventOf(d) === event; d++) {
        if (this.#stops_here(stop, predicate, watch, this.#place(event, d)))
          hit ??= { events: event + 1, decision: d, stop }
      }
    }
    return hit
  }

  #next = { event: -1, decision: 0 }

  /** Events are mostly asked in order: the place of their decisions follows. */
  #firstDecision(event: number): number {
    let d =
      this.#next.event === event - 1 || this.#next.event === event
        ? this.#next.decision
        : this.#recording.firstDecision(event)
    while (d < this.#recording.decisions.count && this.#recording.eventOf(d) < event) d++
    this.#next = { event, decision: d }
    return d
  }

  #stops_here(i: number, predicate: Predicate, watch: boolean, place: Place): boolean {
    const answer = predicate.at(place)
    if (!watch) return answer === true
    const before = this.#before[i]
    this.#before[i] = answer
    return predicate.condition ? answer === true && before !== true : before !== undefined && answer !== before
  }
}
