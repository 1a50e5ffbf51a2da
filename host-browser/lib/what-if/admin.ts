/**
 * Everything of a recording that is no operator: devices, tenants, virtual NPUs, streams, memory, hints. Each comes at
 * its recorded time, or later: a stream goes when its program is over in the new run, too, and a number is used again
 * only when it is free there. The policy is the one that was asked for, from where the recording first set one.
 */
import { EventKind, NONE } from '../../../build/gen/ts/records.ts'
import type { HostStream } from './host-stream.ts'
import type { MachineOptions } from './machine.ts'
import { EVENT_WORDS, timeOf } from './words.ts'

/** What the machine does for it. */
export interface AdminHost {
  /** Feeds an event like that of the recording; whether the core took it. */
  copy(index: number): boolean
  /** Feeds the policy. */
  policy(): boolean
  begin(s: HostStream): void
  end(s: HostStream): void
}

export class Admin {
  /** Events that the core refused. */
  refused = 0
  readonly #options: MachineOptions
  readonly #streams: HostStream[]
  readonly #host: AdminHost
  readonly #added = new Map<number, HostStream>()
  readonly #removed = new Map<number, HostStream>()
  readonly #numbers = new Set<number>()
  readonly #vnpus = new Set<number>()
  #at = 0
  #waiting: number[] = []
  #hasPolicy = false

  constructor(options: MachineOptions, streams: HostStream[], host: AdminHost) {
    this.#options = options
    this.#streams = streams
    this.#host = host
    for (const s of streams) {
      this.#added.set(s.program.added, s)
      if (s.program.removed >= 0) this.#removed.set(s.program.removed, s)
    }
  }

  /** Time of the next event; Infinity where there is none. */
  get next(): number {
    const { events, programs } = this.#options
    const index = programs.admin[this.#at]
    return index === undefined ? Infinity : timeOf(events, index * EVENT_WORDS)
  }

  /** Whether one waits for something to end. */
  get waits(): boolean {
    return this.#waiting.length > 0
  }

  /** Feeds what is due. */
  go(now: number): void {
    const { admin } = this.#options.programs
    while (this.next <= now) {
      const index = admin[this.#at++]!
      if (this.#try(index)) this.retry()
      else this.#waiting.push(index)
    }
  }

  /** Feeds what waited and need not wait any more. */
  retry(): void {
    for (let again = this.#waiting.length > 0; again;) {
      const waiting = this.#waiting
      this.#waiting = []
      for (const index of waiting) if (!this.#try(index)) this.#waiting.push(index)
      again = this.#waiting.length > 0 && this.#waiting.length < waiting.length
    }
  }

  #copy(index: number): boolean {
    const taken = this.#host.copy(index)
    if (!taken) this.refused++
    return taken
  }

  /** False where it has to wait. */
  #try(index: number): boolean {
    const { events, programs } = this.#options
    const at = index * EVENT_WORDS
    const kind = events[at]! & 0xffff
    if (index === programs.policySet) {
      if (!this.#hasPolicy) this.#policy()
      return true
    }
    if (kind === EventKind.STREAM_ADD) return this.#addStream(index, this.#added.get(index)!)
    if (kind === EventKind.STREAM_REMOVE) return this.#removeStream(index, this.#removed.get(index)!)
    if (kind === EventKind.VNPU_ADD) return this.#addVnpu(index, events[at + 4]!)
    if (kind === EventKind.VNPU_REMOVE) return this.#removeVnpu(index, events[at + 4]!)
    if (kind === EventKind.PHASE_HINT && events[at + 1] !== NONE) return this.#hint(index, events[at + 1]!)
    if (kind === EventKind.DEVICE_REMOVE || kind === EventKind.TENANT_REMOVE) {
      if (this.#streams.some((s) => s.program.added < index && !this.#isOver(s))) return false
    }
    const vnpu =
      kind === EventKind.MEM_ALLOC ? events[at + 8] : kind === EventKind.MEM_FREE ? events[at + 6] : undefined
    if (vnpu === undefined || this.#vnpus.has(vnpu)) this.#copy(index)
    return true
  }

  #policy(): void {
    this.#hasPolicy = true
    if (!this.#host.policy()) this.refused++
  }

  #addStream(index: number, s: HostStream): boolean {
    if (this.#numbers.has(s.program.stream) || !this.#vnpus.has(s.program.vnpu)) return false
    if (!this.#hasPolicy && this.#options.programs.policySet < 0) this.#policy()
    if (!this.#copy(index)) {
      s.ended = true
      return true
    }
    this.#numbers.add(s.program.stream)
    this.#host.begin(s)
    return true
  }

  #removeStream(index: number, s: HostStream): boolean {
    if (s.ended) return true
    if (!s.alive || s.lane.done < s.program.count) return false
    this.#host.end(s)
    s.ended = true
    this.#numbers.delete(s.program.stream)
    this.#copy(index)
    return true
  }

  #addVnpu(index: number, vnpu: number): boolean {
    if (this.#vnpus.has(vnpu)) return false
    if (this.#copy(index)) this.#vnpus.add(vnpu)
    return true
  }

  #removeVnpu(index: number, vnpu: number): boolean {
    if (this.#streams.some((s) => s.program.vnpu === vnpu && s.program.added < index && !this.#isOver(s))) return false
    this.#vnpus.delete(vnpu)
    this.#copy(index)
    return true
  }

  /** Gone; or, where the recording does not remove it, at its end. */
  #isOver(s: HostStream): boolean {
    return s.ended || (s.program.removed < 0 && s.lane.done === s.program.count)
  }

  #hint(index: number, stream: number): boolean {
    const of = this.#streams.find(
      ({ program: p }) => p.stream === stream && p.added < index && (p.removed < 0 || p.removed > index),
    )
    if (of === undefined || of.ended) return true
    if (!of.alive) return false
    this.#copy(index)
    return true
  }
}
