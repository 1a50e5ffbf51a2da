/** Everything the page holds of a recording: tracks, decisions, figures, steps; put together from the worker's deltas. */
import { Column } from './columns.ts'
import { Counter } from './counter.ts'
import type { Delta, StepRows, Topology, Wait } from './deltas.ts'
import { Marks } from './marks.ts'
import { Track } from './track.ts'

export class Trace {
  events = 0
  first_ns = 0
  last_ns = 0
  readonly tracks = new Map<number, Track>()
  readonly marks = new Marks()
  readonly counters = new Map<number, Counter>()
  readonly steps = {
    stream: new Column(Uint16Array),
    phase: new Column(Uint8Array),
    start: new Column(Float64Array),
    length: new Column(Float64Array),
    since: new Column(Float64Array),
  }
  topology: Topology = { devices: [], tenants: [], streams: [] }
  waits: Wait[] = []
  tenant_ns: Delta['tenant_ns'] = []

  append(delta: Delta): void {
    this.events = delta.events
    this.first_ns = delta.first_ns
    this.last_ns = delta.last_ns
    for (const { track, rows } of delta.spans) {
      let its = this.tracks.get(track)
      if (its === undefined) this.tracks.set(track, (its = new Track(track)))
      its.append(rows)
    }
    this.marks.append(delta.decided)
    for (const { series, rows } of delta.counters) {
      let its = this.counters.get(series)
      if (its === undefined) this.counters.set(series, (its = new Counter(series)))
      its.append(rows)
    }
    this.#steps(delta.steps)
    if (delta.topology !== undefined) this.topology = delta.topology
    this.waits = delta.waits
    this.tenant_ns = delta.tenant_ns
  }

  #steps(rows: StepRows): void {
    this.steps.stream.append(rows.stream)
    this.steps.phase.append(rows.phase)
    this.steps.start.append(rows.start)
    this.steps.length.append(rows.length)
    this.steps.since.append(rows.since)
  }
}
