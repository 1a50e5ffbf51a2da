/**
 * The new run: programs issue their operators, a host asks the core and carries out what it decides, and a device takes
 * the time that was recorded. The host keeps to the protocol of the interposer (host-shim/engine): operators are held
 * until a DISPATCH covers them or are issued on credit, credit is settled when it is taken back, markers report
 * completion, and an event's records and waits go in the order of their issue.
 */
import { DecisionFlag, DecisionKind, EventKind, NONE, OpClass, limits } from '../../../build/gen/ts/records.ts'
import { Admin } from './admin.ts'
import { Agenda } from './agenda.ts'
import { Device, type Lane } from './device.ts'
import { hostStream, passMarkers, type HostStream } from './host-stream.ts'
import type { Slowdown } from './durations.ts'
import { Feeder } from './feeder.ts'
import { mayBegin, Objects, pass, ticketOf, type SyncObject } from './objects.ts'
import { Rule, type Programs } from './program.ts'
import type { Steps, WhatIfCore } from './types.ts'
import { EVENT_WORDS, setU64 } from './words.ts'

/** Operators that a host holds of a stream (host-shim/stream/queue.h), and that the core may hold (engine/submit.c). */
const QUEUE_LIMIT = 1024
const LIVE_LIMIT = limits.MAX_OPS - 1024
/** Without anything issued or complete for so long, the run is stuck, ns. */
const STUCK_NS = 10_000_000_000
/** More events than so many times those of the recording, and these, are no answer to anything: times make no sense. */
const EVENTS_FACTOR = 8
const EVENTS_SPARE = 200_000
/** Ticks at one and the same time before the core is held to be at fault. */
const MOST_TICKS = 100_000
const PROGRESS_EVERY = 65_536

/** What is on the agenda: kind + ACTS * number. */
const Act = { ISSUE: 0, SYNC: 1, SEEN: 2, REPORT: 3, RETURNED: 4, ADMIN: 5, OBJECT: 6, RETRY: 7, UNSEEN: 8 } as const
const ACTS = 16

export interface MachineOptions {
  core: WhatIfCore
  events: Uint32Array
  programs: Programs
  slowdown: Slowdown
  steps: Steps
  /** First step of each program in `steps`, and, at the end, their number. */
  firstSteps: Uint32Array
  seen_ns: number
  policy: number
  parameters: readonly bigint[]
  progress: (part: number) => void
}

export class Machine {
  readonly feeder: Feeder
  readonly notes: string[] = []
  now = 0
  /** Time of the first operator issued and of the last one seen complete; operators complete by phase. */
  first_ns = NaN
  last_ns = 0
  readonly completed = [0, 0, 0, 0]
  readonly #options: MachineOptions
  readonly #streams: HostStream[]
  readonly #byNumber = new Map<number, HostStream>()
  readonly #devices = new Map<number, Device>()
  readonly #objects: Objects
  readonly #agenda = new Agenda()
  readonly #admin: Admin
  readonly #revoked: number[] = []
  readonly #take = (words: Uint32Array, at: number): void => this.#decision(words, at)
  #blocked: HostStream[] = []
  #live = 0
  #refused = false
  #done = 0
  readonly #total: number
  #progressAt = 0

  constructor(options: MachineOptions) {
    this.#options = options
    this.feeder = new Feeder(options.core)
    const { programs, objects } = options.programs
    this.#objects = new Objects(objects)
    this.#total = programs.reduce((sum, p) => sum + p.count, 0)
    this.#streams = programs.map((program, i) => hostStream(program, i, options.firstSteps[i]!))
    for (const { device } of programs) {
      if (this.#devices.has(device)) continue
      this.#devices.set(
        device,
        new Device(options.slowdown, {
          own: (lane, n) => this.#streams[lane.number]!.program.own[n]!,
          ready: (lane, n) => this.#ready(lane, n),
          complete: (lane, n) => this.#complete(this.#streams[lane.number]!, n),
        }),
      )
    }
    this.#admin = new Admin(options, this.#streams, {
      copy: (index) => {
        this.feeder.copy(options.events, index * EVENT_WORDS, this.now)
        return this.#feed()
      },
      policy: () => this.#setPolicy(),
      begin: (s) => this.#begin(s),
      end: (s) => this.#end(s),
    })
  }

  /** Time with anything on a device, ns, of the busiest one. */
  get busy_ns(): number {
    return Math.max(0, ...[...this.#devices.values()].map((d) => d.busy_ns))
  }

  /** Runs everything to its end. */
  run(): void {
    const { progress, events } = this.#options
    const most = (EVENTS_FACTOR * events.length) / EVENT_WORDS + EVENTS_SPARE
    this.#agenda.put(this.#admin.next, Act.ADMIN)
    for (const [life, { unseen_ns }] of this.#options.programs.objects.entries())
      for (const time of unseen_ns) this.#agenda.put(time, Act.UNSEEN + ACTS * life)
    let ticks = 0
    let next = 0
    for (;;) {
      next = this.#agenda.next
      for (const device of this.#devices.values()) next = Math.min(next, device.next)
      const wake = this.feeder.wake
      next = Math.max(Math.min(next, wake), this.now)
      if (next === Infinity) break
      if (next > this.#progressAt + STUCK_NS && this.#agenda.next === Infinity) {
        this.notes.push(`The new run was stuck at ${Math.round(next / 1e6)} ms and ends there.`)
        break
      }
      if (this.feeder.events.count > most) {
        this.notes.push(`The new run had more than ${most} events at ${Math.round(next / 1e6)} ms and ends there.`)
        break
      }
      ticks = next > this.now ? 0 : ticks
      this.now = next
      for (const device of this.#devices.values()) device.advance(next)
      while (this.#agenda.next <= this.now) this.#act(this.#agenda.take())
      if (this.feeder.wake <= this.now) {
        if (++ticks > MOST_TICKS) throw new Error(`the core wants tick after tick at ${this.now} ns`)
        this.feeder.tick(this.now, this.#take)
        this.#afterFeed()
      }
    }
    progress(1)
    const left = this.#total - this.#done
    if (next === Infinity && left > 0) {
      const what = `${left} of ${this.#total} operators of the new run never came to their end`
      this.notes.push(`${what}: they wait for what the recording does not hold.`)
    }
    if (this.#admin.refused > 0) this.notes.push(`The core refused ${this.#admin.refused} events of the new run.`)
  }

  #act(act: number): void {
    const kind = act % ACTS
    const number = (act - kind) / ACTS
    this.#progressAt = this.now
    if (kind === Act.RETRY) return this.#admin.retry()
    if (kind === Act.ADMIN) {
      this.#admin.go(this.now)
      if (this.#admin.next < Infinity) this.#agenda.put(Math.max(this.#admin.next, this.now), Act.ADMIN)
      return
    }
    if (kind === Act.OBJECT) return this.#removeObject(number)
    if (kind === Act.UNSEEN) return this.#notified(number)
    const s = this.#streams[number]!
    if (!s.alive) return
    if (kind === Act.ISSUE) this.#issue(s)
    else if (kind === Act.SYNC) this.#sync(s)
    else if (kind === Act.SEEN) this.#seen(s)
    else if (kind === Act.REPORT) this.#report(s)
    else this.#tell(s, s.lane.done, 0, 0)
  }

  #put(time: number, kind: number, s: HostStream): void {
    this.#agenda.put(time, kind + ACTS * s.lane.number)
  }

  /* Programs. */

  #begin(s: HostStream): void {
    s.alive = true
    this.#byNumber.set(s.program.stream, s)
    if (s.program.count > 0) this.#put(Math.max(s.program.delay[0]!, this.now), Act.ISSUE, s)
  }

  #setPolicy(): boolean {
    const { policy, parameters } = this.#options
    const w = this.feeder.begin(EventKind.POLICY_SET, this.now)
    w[4] = policy
    for (let i = 0; i < 4; i++) {
      const value = parameters[i] ?? 0n
      w[6 + 2 * i] = Number(value & 0xffffffffn)
      w[7 + 2 * i] = Number(value >> 32n)
    }
    return this.#feed()
  }

  #end(s: HostStream): void {
    if (s.granted > 0) this.#settle(s)
    s.alive = false
    this.#byNumber.delete(s.program.stream)
    this.#live -= s.issued - s.reported
  }

  #issue(s: HostStream): void {
    const { program } = s
    const n = s.issued
    if (s.issued - s.decided >= QUEUE_LIMIT || this.#live >= LIVE_LIMIT) {
      if (s.granted === 0) {
        if (!s.blocked) this.#blocked.push(s)
        s.blocked = true
        return
      }
    }
    this.#note(s, n)
    const opClass = program.opClass(this.#options.events, n)
    const life = program.objects.get(n)
    const object = life === undefined ? undefined : this.#objects.of(life)
    const clear = object === undefined || object.held === 0
    if (s.granted > s.used && clear && opClass !== OpClass.CALLBACK_BLOCK) {
      s.used++
      s.issued++
      this.#hand(s, n, opClass, object)
    } else this.#submit(s, n, opClass, object)
    this.#next(s, n)
  }

  #submit(s: HostStream, n: number, opClass: number, object: SyncObject | undefined): void {
    if (s.granted > 0) this.#settle(s)
    s.issued++
    this.#live++
    if (object !== undefined) object.held++
    const w = this.feeder.copy(this.#options.events, s.program.source[n]! * EVENT_WORDS, this.now)
    w[0] = EventKind.OP_SUBMIT // without its flags: what comes at once with it in the recording need not do so here
    w[1] = s.program.stream
    w[4] = (w[4]! & 0xffff0000) | opClass
    w[5] = object?.number ?? NONE
    setU64(w, 12, n + 1)
    if (!this.#feed()) this.#admin.refused++
  }

  /** An operator is issued: a step may begin with it. */
  #note(s: HostStream, n: number): void {
    const { steps, firstSteps } = this.#options
    if (!(this.first_ns <= this.now)) this.first_ns = this.now
    if (s.begins >= firstSteps[s.lane.number + 1]! || steps.first_seq[s.begins] !== n + 1) return
    steps.begin_ns[s.begins++] = s.program.rule[n] === Rule.ARRIVES ? Math.min(s.program.delay[n]!, this.now) : this.now
  }

  /** When the program goes on behind operator `n`. */
  #next(s: HostStream, n: number): void {
    const { program } = s
    const sync = program.sync[n]!
    if (sync >= 0) {
      s.syncAt = this.now + sync
      this.#put(s.syncAt, Act.SYNC, s)
    }
    if (n + 1 === program.count) return
    if (program.rule[n + 1] === Rule.PACED) return this.#put(this.now + program.delay[n + 1]!, Act.ISSUE, s)
    s.awaited = n + 1
    if (s.lane.done >= s.awaited) this.#put(Math.max(s.doneAt + this.#options.seen_ns, this.now, s.syncAt), Act.SEEN, s)
  }

  #sync(s: HostStream): void {
    const daemon = this.#options.programs.byDaemon
    if (!daemon && (s.granted > 0 || s.reported === s.issued)) return
    this.feeder.begin(EventKind.STREAM_SYNC, this.now, s.program.stream)
    this.#feed()
  }

  /** The program sees that what it waited for is complete. */
  #seen(s: HostStream): void {
    if (s.syncAt > this.now) return this.#put(s.syncAt, Act.SEEN, s)
    const { program, awaited } = s
    const synced = program.sync[awaited - 1]! >= 0 && !this.#options.programs.byDaemon
    if (synced && s.granted === 0 && s.decided >= awaited) this.#tell(s, awaited, 0, 0)
    s.awaited = 0
    const delay = program.delay[awaited]!
    const after = program.rule[awaited] === Rule.ARRIVES ? Math.max(delay, this.now + program.think) : this.now + delay
    this.#put(after, Act.ISSUE, s)
  }

  /* The host. */

  /** Feeds the event that was made, and what its decisions ask to be reported at once. Whether the core took it. */
  #feed(): boolean {
    this.#refused = false
    this.feeder.run(this.#take)
    const refused = this.#refused
    while (this.#revoked.length > 0) {
      const s = this.#byNumber.get(this.#revoked.pop()!)
      if (s !== undefined && s.granted > 0) this.#used(s)
    }
    this.#afterFeed()
    return !refused
  }

  #settle(s: HostStream): void {
    this.#used(s)
    while (this.#revoked.length > 0) {
      const other = this.#byNumber.get(this.#revoked.pop()!)
      if (other !== undefined && other.granted > 0) this.#used(other)
    }
  }

  /** The rest of a grant is void; what was used is reported, with a marker behind it. */
  #used(s: HostStream): void {
    const { used } = s
    s.granted = 0
    s.used = 0
    s.decided += used
    this.#live += used
    if (used > 0) this.#mark(s, false)
    setU64(this.feeder.begin(EventKind.CREDIT_USED, this.now, s.program.stream), 4, used)
    this.feeder.run(this.#take)
  }

  #afterFeed(): void {
    if (this.#blocked.length === 0) return
    const blocked = this.#blocked
    this.#blocked = []
    for (const s of blocked) {
      s.blocked = false
      this.#put(this.now, Act.ISSUE, s)
    }
  }

  #decision(words: Uint32Array, at: number): void {
    const kind = words[at]! & 0xff
    if (kind === DecisionKind.REVOKE) this.#revoked.push(words[at + 1]!)
    else if (kind === DecisionKind.FAULT) this.#refused = true
    if (kind !== DecisionKind.DISPATCH) return
    const s = this.#byNumber.get(words[at + 1]!)
    if (s === undefined) return
    const flags = (words[at]! >>> 8) & 0xff
    const count = words[at + 2]!
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      s.granted = count
      s.used = 0
      return
    }
    if ((flags & DecisionFlag.SAMPLE) !== 0) this.#mark(s, true)
    for (let i = 0; i < count && s.decided < s.issued; i++) {
      const n = s.decided++
      const opClass = s.program.opClass(this.#options.events, n)
      const life = s.program.objects.get(n)
      const object = life === undefined ? undefined : this.#objects.of(life)
      if (object !== undefined) object.held--
      this.#hand(s, n, opClass, object)
    }
    if ((flags & (DecisionFlag.MARK | DecisionFlag.SAMPLE)) !== 0) this.#mark(s, false)
  }

  /** An operator goes to the device. */
  #hand(s: HostStream, n: number, opClass: number, object: SyncObject | undefined): void {
    if (object !== undefined) {
      const ticket = ticketOf(object, opClass)
      if (ticket > 0) s.tickets.set(n, ticket)
      if (--object.left === 0 && object.removed_ns >= 0)
        this.#agenda.put(Math.max(object.removed_ns, this.now), Act.OBJECT + ACTS * s.program.objects.get(n)!)
    }
    s.lane.handed++
    this.#start(s.lane)
  }

  #start(lane: Lane): void {
    this.#devices.get(this.#streams[lane.number]!.program.device)!.start(lane)
  }

  #removeObject(life: number): void {
    const object = this.#objects.of(life)
    this.feeder.begin(EventKind.SYNC_REMOVE, this.now)[4] = object.number
    this.#objects.remove(object)
    this.#feed()
  }

  /** A record of a notify that the recording does not hold is complete. */
  #notified(life: number): void {
    for (const lane of pass(this.#objects.of(life), OpClass.NOTIFY_RECORD, 0)) this.#start(lane)
  }

  #ready(lane: Lane, n: number): boolean {
    const s = this.#streams[lane.number]!
    const life = s.program.objects.get(n)
    if (life === undefined) return true
    const object = this.#objects.of(life)
    const opClass = s.program.opClass(this.#options.events, n)
    const ready = mayBegin(object, opClass, s.tickets.get(n) ?? 0)
    if (!ready && !object.waiting.includes(lane)) object.waiting.push(lane)
    return ready
  }

  #complete(s: HostStream, n: number): void {
    const { program } = s
    s.doneAt = this.now
    this.#progressAt = this.now
    this.last_ns = this.now + this.#options.seen_ns
    this.completed[program.phase]!++
    if (++this.#done % PROGRESS_EVERY === 0) this.#options.progress(this.#done / this.#total)
    const { steps, firstSteps } = this.#options
    if (s.ends < firstSteps[s.lane.number + 1]! && steps.last_seq[s.ends] === n + 1)
      steps.end_ns[s.ends++] = this.last_ns
    const life = program.objects.get(n)
    const opClass = program.opClass(this.#options.events, n)
    if (life !== undefined) {
      for (const lane of pass(this.#objects.of(life), opClass, s.tickets.get(n) ?? 0)) this.#start(lane)
      s.tickets.delete(n)
    }
    if (opClass === OpClass.CALLBACK_BLOCK) this.#put(this.now, Act.RETURNED, s)
    if (s.awaited === n + 1) this.#put(this.now + this.#options.seen_ns, Act.SEEN, s)
    this.#passMarkers(s)
    if (n + 1 === program.count && this.#admin.waits) this.#agenda.put(this.now, Act.RETRY)
  }

  /* Markers. */

  #mark(s: HostStream, silent: boolean): void {
    s.markers.push({ seq: s.lane.handed, silent, follows: s.markers.length > 0 })
    this.#passMarkers(s)
  }

  #passMarkers(s: HostStream): void {
    for (let n = passMarkers(s, this.now); n > 0; n--) this.#put(this.now + this.#options.seen_ns, Act.REPORT, s)
  }

  #report(s: HostStream): void {
    const report = s.reports.shift()
    if (report !== undefined) this.#tell(s, report.seq, report.device_ns, report.count)
  }

  #tell(s: HostStream, seq: number, deviceNs: number, count: number): void {
    if (seq <= s.reported || seq > s.decided) return
    this.#live -= seq - s.reported
    s.reported = seq
    const w = this.feeder.begin(EventKind.OP_COMPLETE, this.now, s.program.stream)
    setU64(w, 4, seq)
    setU64(w, 6, deviceNs)
    setU64(w, 8, Math.floor(this.now))
    w[10] = count
    this.#feed()
  }
}
