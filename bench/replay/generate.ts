/**
 * Writes a recording of any length: sixteen streams of four tenants, half of them prefill and half decode, whose
 * operators the real core decides and a device in virtual time carries out one after another. The same length gives the
 * same file. It works on the records' words, as ten million events are to be had within a minute.
 */
import {
  Chip,
  DecisionFlag,
  DecisionKind,
  EVENT_BYTES,
  EventKind,
  NONE,
  OpClass,
  Phase,
  PhaseSource,
  PolicyId,
} from '../../build/gen/ts/records.ts'
import type { Core } from '../../host-node/core/core.ts'
import { LogWriter } from '../../host-node/log/writer.ts'
import { generator } from '../core/random.ts'

const STREAMS = 16
const TENANTS = 4
/** Operators that a stream has issued and that are not complete. */
const DEPTH = 48
const ISSUE_NS = 1_000
const FRAME_EVENTS = 8192
const SNAPSHOT_EVENTS = 1 << 20
const WORDS = EVENT_BYTES / 4
const HIGH = 2 ** 32

/** Operators of a layer, ns on a 910B (shared/facts/acl.md), and layers of a step. */
const layers = {
  prefill: [238_800, 882_800, 30_400, 59_700],
  decode: [18_900, 25_200, 6_100, 5_600, 5_500, 3_900],
} as const
const LAYERS = 28

interface Stream {
  number: number
  /** Keys are the kernel's place in its layer, behind the phase. */
  phase: number
  durations: number[]
  step: number
  submitted: number
  decided: number
  completed: number
  /** Waits for the end of a step. */
  waits: boolean
  ready: boolean
}

/** A marker on the device, behind operators of a stream. */
interface Completion {
  at: number
  stream: Stream
  seq: number
  count: number
  ns: number
}

/** Writes `events` events, and what they led to, into `file`. */
export function generate(file: string, core: Core, events: number): void {
  const writer = new LogWriter(file, {
    start_unix_ns: 1_800_000_000_000_000_000n,
    core_hash: Buffer.from(core.hash, 'hex'),
    json: { host: 'bench', streams: STREAMS },
  })
  new Generator(writer, core, events).run()
  writer.close({ decision_hash: core.decisionHash(), state_hash: core.stateHash() })
}

class Generator {
  readonly #writer: LogWriter
  readonly #core: Core
  readonly #wanted: number
  readonly #events = new Uint32Array(FRAME_EVENTS * WORDS)
  readonly #record = new Uint32Array(WORDS)
  #decisions = new Uint8Array(1 << 20)
  #decided = 0
  #filled = 0
  #count = 0
  #now = 0
  #wake = Infinity
  #free = 0
  readonly #streams: Stream[] = []
  /** The device takes one after another, so completions come in order. */
  readonly #completions: Completion[] = []
  #completed = 0
  readonly #ready: Stream[] = []
  #taken = 0
  readonly #random = generator(20_260_604)

  constructor(writer: LogWriter, core: Core, wanted: number) {
    this.#writer = writer
    this.#core = core
    this.#wanted = wanted
  }

  run(): void {
    this.#writer.writeNames([
      ...layers.prefill.map((_, i) => ({
        kind: 1,
        id: BigInt(100 + i),
        name: ['MatMul', 'FlashAttention', 'RmsNorm', 'SwiGlu'][i] ?? '',
      })),
      ...layers.decode.map((_, i) => ({
        kind: 1,
        id: BigInt(200 + i),
        name: ['MatMulV2', 'PagedAttention', 'AddRmsNorm', 'SwiGlu', 'Rope', 'CacheWrite'][i] ?? '',
      })),
    ])
    this.#setUp()
    while (this.#count < this.#wanted) this.#next()
    this.#flush()
  }

  #setUp(): void {
    this.#event(EventKind.DEVICE_ADD, NONE, [0, Chip.ASCEND_910B2])
    this.#event(EventKind.POLICY_SET, NONE, [PolicyId.DYNAMIC_PD])
    for (let tenant = 1; tenant <= TENANTS; tenant++) {
      this.#event(EventKind.TENANT_SET, NONE, [tenant, 500 * tenant])
      this.#event(EventKind.VNPU_ADD, NONE, [tenant, tenant, 0])
    }
    for (let number = 0; number < STREAMS; number++) {
      const phase = number % 2 === 0 ? Phase.DECODE : Phase.PREFILL
      const durations = (phase === Phase.DECODE ? layers.decode : layers.prefill).map((ns) =>
        Math.round(ns * (0.8 + 0.4 * this.#random())),
      )
      this.#event(EventKind.STREAM_ADD, number, [(number % TENANTS) + 1])
      this.#event(EventKind.PHASE_HINT, number, [phase, PhaseSource.HINT])
      const stream = {
        number,
        phase,
        durations,
        step: durations.length * LAYERS,
        submitted: 0,
        decided: 0,
        completed: 0,
        waits: false,
        ready: true,
      }
      this.#streams.push(stream)
      this.#ready.push(stream)
    }
  }

  #next(): void {
    const completion = this.#completions[this.#completed]
    const due = Math.min(completion?.at ?? Infinity, this.#wake)
    if (due > this.#now && this.#taken < this.#ready.length) {
      this.#issue(this.#ready[this.#taken++] as Stream)
      if (this.#taken > 4096) this.#forget()
      return
    }
    this.#now = Math.max(this.#now, due)
    if (completion !== undefined && completion.at <= this.#now) this.#complete()
    else this.#event(EventKind.TICK, NONE, [])
  }

  #forget(): void {
    this.#ready.splice(0, this.#taken)
    this.#taken = 0
  }

  #issue(s: Stream): void {
    this.#now += ISSUE_NS
    s.ready = false
    s.submitted++
    const place = s.submitted % s.durations.length
    const key = (s.phase === Phase.PREFILL ? 100 : 200) + place
    const r = this.#record
    r.fill(0)
    r[4] = OpClass.KERNEL
    r[5] = NONE
    r[6] = key
    r[8] = 24
    r[9] = 128
    r[12] = s.submitted % HIGH
    r[13] = Math.floor(s.submitted / HIGH)
    this.#put(EventKind.OP_SUBMIT, s.number)
    if (s.submitted % s.step === 0) {
      s.waits = true
      this.#event(EventKind.STREAM_SYNC, s.number, [])
    } else this.#wakeUp(s)
  }

  #wakeUp(s: Stream): void {
    if (s.ready || s.waits || s.submitted - s.completed >= DEPTH) return
    s.ready = true
    this.#ready.push(s)
  }

  #complete(): void {
    const { stream: s, seq, count, ns } = this.#completions[this.#completed++] as Completion
    if (this.#completed > 4096) {
      this.#completions.splice(0, this.#completed)
      this.#completed = 0
    }
    s.completed = seq
    this.#event(EventKind.OP_COMPLETE, s.number, [
      seq % HIGH,
      Math.floor(seq / HIGH),
      ns,
      0,
      this.#now % HIGH,
      Math.floor(this.#now / HIGH),
      count,
    ])
    if (s.waits && s.completed === s.submitted) s.waits = false
    this.#wakeUp(s)
  }

  #event(kind: number, stream: number, words: number[]): void {
    this.#record.fill(0)
    this.#record.set(words, 4)
    this.#put(kind, stream)
  }

  /** Feeds the record and carries out what the core decides. */
  #put(kind: number, stream: number): void {
    const r = this.#record
    r[0] = kind
    r[1] = stream
    r[2] = this.#now % HIGH
    r[3] = Math.floor(this.#now / HIGH)
    this.#events.set(r, this.#filled * WORDS)
    this.#core.inbox.set(new Uint8Array(r.buffer))
    const decisions = this.#core.run(1)
    this.#count++
    this.#filled++
    this.#keep(decisions)
    const granted = this.#carryOut(new Uint32Array(decisions.buffer, decisions.byteOffset, decisions.length >>> 2))
    const wake = this.#core.nextWakeNs()
    this.#wake = wake > 1n << 62n ? Infinity : Number(wake)
    if (this.#filled === FRAME_EVENTS) this.#flush()
    // The program makes no use of credit: every operator is in the recording.
    for (const number of granted) this.#event(EventKind.CREDIT_USED, number, [0, 0])
  }

  #carryOut(decisions: Uint32Array): number[] {
    const granted: number[] = []
    for (let d = 0; d < decisions.length; d += 8) {
      const kind = decisions[d]! & 0xff
      const flags = (decisions[d]! >>> 8) & 0xff
      if (kind === DecisionKind.FAULT) throw new Error(`the core refused event ${this.#count}`)
      if (kind !== DecisionKind.DISPATCH) continue
      const number = decisions[d + 1]!
      const count = decisions[d + 2]!
      if ((flags & DecisionFlag.CREDIT) !== 0) granted.push(number)
      else this.#dispatch(this.#streams[number] as Stream, count, flags)
    }
    return granted
  }

  #dispatch(s: Stream, count: number, flags: number): void {
    let ns = 0
    for (let i = 1; i <= count; i++) ns += s.durations[(s.decided + i) % s.durations.length]!
    s.decided += count
    this.#free = Math.max(this.#free, this.#now) + ns
    if ((flags & (DecisionFlag.MARK | DecisionFlag.SAMPLE)) === 0) return
    const sampled = (flags & DecisionFlag.SAMPLE) !== 0 && count === 1
    this.#completions.push({ at: this.#free, stream: s, seq: s.decided, count: sampled ? 1 : 0, ns: sampled ? ns : 0 })
  }

  #keep(decisions: Uint8Array): void {
    if (this.#decided + decisions.length > this.#decisions.length) {
      const larger = new Uint8Array(this.#decisions.length * 2)
      larger.set(this.#decisions)
      this.#decisions = larger
    }
    this.#decisions.set(decisions, this.#decided)
    this.#decided += decisions.length
  }

  #flush(): void {
    if (this.#filled === 0) return
    this.#writer.writeEvents(new Uint8Array(this.#events.buffer, 0, this.#filled * EVENT_BYTES))
    this.#writer.writeDecisions(this.#decisions.subarray(0, this.#decided), this.#core.decisionHash())
    if (this.#count % SNAPSHOT_EVENTS === 0) this.#writer.writeSnapshot(this.#core.snapshot())
    this.#filled = 0
    this.#decided = 0
  }
}
