/**
 * The daemon's loop: takes what clients issue, asks the core, has the batch carried out, feeds what became complete, and
 * gives places in rings back. It spins while there is work or anything is on the device, with the event loop's turn in
 * between, and sleeps on the doorbell otherwise. It never waits for the device.
 */
import { EventKind } from '../../build/gen/ts/records.ts'
import { EVENT_BYTES } from '../../spec/records.ts'
import type { Batch } from './batch.ts'
import type { Calls } from './calls.ts'
import type { Client, Intake } from './clients.ts'
import type { Decider } from './decider.ts'
import type { Executor } from './executor.ts'
import { BadRing, type Ring } from './ring.ts'
import type { Streams } from './streams.ts'

/** Between two looks at markers, where there is nothing to hand over. */
const LOOK_NS = 20_000
/** One turn; then the event loop has its own. */
const TURN_NS = 200_000
/**
 * After a batch of operators that nobody waits for, rings are left alone for so long, or until a thread calls: a look at
 * every record takes its cache line from the thread that writes the next, and a batch costs as much as ten operators.
 */
const GATHER_NS = 20_000
/** With so many taken, there are more. */
const FEW = 1024
/** Without work for so long, the loop sleeps. */
const IDLE_NS = 2_000_000
/** Longest sleep: a client that died without a word is noticed by its socket, not here. */
const SLEEP_US = 1_000_000
/** And where a client may have published without seeing the bell. */
const UNFENCED_US = 2000

/** Records that the executor reports beside OP_COMPLETE (docs/daemon.md). */
const CALLED = 0x9001
const FAILED = 0x9002
const ENDED = 0x9003
const TORN = 0x9004
const EXCEPTION = 0x9005

const HIGH = 2 ** 32

export interface LoopParts {
  executor: Executor
  decider: Decider
  intake: Intake
  calls: Calls
  batch: Batch
  streams: Streams
  /** The doorbell, 1 while the loop sleeps. */
  bell: Uint32Array
  /** A client has to go. */
  expel: (client: Client, why: string) => void
  /** CLOCK_MONOTONIC, ns. */
  clock: () => number
}

export class Loop {
  readonly clients = new Map<number, Client>()
  readonly #parts: LoopParts
  readonly #epoch: number
  /** Device time of complete operators by tenant, ns. */
  readonly running_ns = new Map<number, number>()
  #leaving: { client: Client; ring: Ring }[] = []
  #nextLook = 0
  /** When the next call's time is over. */
  #deadline = Infinity
  #busyUntil = 0
  #running = false
  #stopped: (() => void) | undefined

  constructor(parts: LoopParts) {
    this.#parts = parts
    this.#epoch = parts.clock()
  }

  addRing(client: Client, ring: Ring): void {
    client.rings.push(ring)
    this.#parts.batch.rings[ring.number] = ring
  }

  /** A thread of a client ends: its ring goes when everything in it is done with. */
  leaveRing(client: Client, number: number): void {
    const ring = client.rings.find((r) => r.number === number)
    if (ring === undefined) return
    ring.leaving = true
    this.#leaving.push({ client, ring })
  }

  #letGo(): void {
    const { batch, calls, executor } = this.#parts
    const empty = this.#leaving.filter(({ ring }) => ring.isEmpty)
    this.#leaving = this.#leaving.filter((l) => !empty.includes(l))
    for (const { client, ring } of empty) {
      client.rings.splice(client.rings.indexOf(ring), 1)
      /* Copies may still read its data area. */
      calls.whenComplete(client, () => {
        if (!this.clients.has(client.number)) return
        batch.rings[ring.number] = undefined
        executor.removeRing(ring.number)
      })
    }
  }

  /** Takes a client out: its rings are not looked at any more. */
  remove(client: Client): void {
    for (const ring of client.rings) ring.leave()
    const { rings } = this.#parts.batch
    for (const [number, ring] of rings.entries()) if (ring?.client === client.number) rings[number] = undefined
    this.#parts.calls.forget(client, new Set(client.rings.map((r) => r.number)))
    client.rings.length = 0
    this.#leaving = this.#leaving.filter((l) => l.client !== client)
    this.clients.delete(client.number)
  }

  #tick(): void {
    const { decider, clock } = this.#parts
    const now = clock() - this.#epoch
    if (now > decider.now) decider.now = now
  }

  /** One round: looks at every ring once, and at markers where it is time. Whether more may be gathered first. */
  round(): boolean {
    const { decider, intake, batch, calls, expel, streams } = this.#parts
    this.#tick()
    let taken = 0
    for (const client of this.clients.values()) {
      try {
        taken += intake.take(client)
      } catch (error) {
        if (!(error instanceof BadRing)) throw error
        expel(client, error.message)
      }
    }
    this.#deadline = calls.look()
    if (this.#leaving.length > 0) this.#letGo()
    if (BigInt(Math.floor(decider.now)) >= decider.core.nextWakeNs()) {
      decider.event(EventKind.TICK)
      decider.feed()
    }
    if (taken > 0 || !batch.isEmpty || streams.watched > 0) this.#busyUntil = decider.now + IDLE_NS
    const look = streams.watched > 0 || calls.aborts > 0 || this.#busyUntil > decider.now
    const isAnswering = batch.isAnswering
    if (!batch.isEmpty || (look && decider.now >= this.#nextLook)) taken += this.#carryOut()
    return taken > 0 && taken < FEW && !isAnswering
  }

  #gather(until: number): number {
    const { batch, clock } = this.#parts
    for (;;) {
      const now = clock()
      if (now >= until) return now
      for (const ring of batch.rings) if (ring?.hasCalled === true) return now
    }
  }

  /** Has the batch carried out; how many operators the executor took by itself. */
  #carryOut(): number {
    const { executor, decider, batch, intake } = this.#parts
    this.#nextLook = decider.now + LOOK_NS
    const found = executor.run(batch.length)
    const took = intake.took()
    batch.release()
    if (found > 0) this.#take(executor.found, found)
    return took
  }

  #take(w: Uint32Array, records: number): void {
    this.#tick()
    for (let at = 0; at < (records * EVENT_BYTES) / 4; at += EVENT_BYTES / 4) {
      const kind = w[at]! & 0xffff
      if (kind === EventKind.OP_COMPLETE) this.#complete(w, at)
      else if (kind === CALLED) {
        this.#parts.calls.called(w[at + 1]!, w[at + 4]! | 0, w[at + 6]! + w[at + 7]! * HIGH, (w[at + 8]! & 1) !== 0)
      } else if (kind === ENDED) this.#ended(w[at + 1]!, w[at + 4]!)
      else if (kind === FAILED) this.#failed(w[at + 4]!)
      else if (kind === TORN) this.#torn(w[at + 4]!)
      else if (kind === EXCEPTION && this.clients.has(w[at + 4]!)) this.#parts.calls.exceptions.happened(w, at)
    }
  }

  #complete(w: Uint32Array, at: number): void {
    const { decider, streams } = this.#parts
    const s = streams.streams[w[at + 1]!]
    if (s === undefined) return
    const seq = w[at + 4]! + w[at + 5]! * HIGH
    if (seq <= s.complete) return
    if (seq <= s.settled && s.aborted === 0) {
      s.told = seq
      const event = decider.event(EventKind.OP_COMPLETE, s.number)
      for (const i of [4, 5, 6, 7, 10]) event[i] = w[at + i]!
      decider.set64(32, decider.now)
      decider.feed()
    }
    const tenant = this.clients.get(s.client)?.tenant
    const ns = w[at + 6]! + w[at + 7]! * HIGH
    if (tenant !== undefined && ns > 0) this.running_ns.set(tenant, (this.running_ns.get(tenant) ?? 0) + ns)
    streams.completed(s, seq)
    decider.tellComplete(s)
  }

  /** The stream went with its context; its number may be another client's since. */
  #ended(number: number, client: number): void {
    const { streams, decider } = this.#parts
    const s = streams.streams[number]
    if (s?.client === client) streams.remove(s, decider)
  }

  /** A page of what the client shares is gone: it made the file shorter. */
  #torn(number: number): void {
    const client = this.clients.get(number)
    if (client !== undefined) this.#parts.expel(client, 'a file that it shares was made shorter')
  }

  #failed(place: number): void {
    const ring = this.#parts.batch.rings[place >>> 16]
    const client = ring === undefined ? undefined : this.clients.get(ring.client)
    if (client !== undefined)
      this.#parts.expel(client, `record ${place & 0xffff} of ring ${place >>> 16} cannot be read`)
  }

  /** Whether it goes on looking: something is on the device, or was done a moment ago, however long that took. */
  get isBusy(): boolean {
    const { streams, calls, decider } = this.#parts
    return streams.watched > 0 || calls.aborts > 0 || decider.now < this.#busyUntil
  }

  /** Runs until stop(). */
  async run(): Promise<void> {
    this.#running = true
    while (this.#running) {
      const begun = this.#parts.clock()
      let now = begun
      do {
        const gathers = this.round()
        now = this.#parts.clock()
        if (gathers) now = this.#gather(now + GATHER_NS)
      } while (this.isBusy && now - begun < TURN_NS)
      if (this.isBusy) await new Promise(setImmediate)
      else await this.#sleep()
    }
    this.#stopped?.()
  }

  async #sleep(): Promise<void> {
    const { batch, bell, executor, decider } = this.#parts
    Atomics.store(bell, 0, 1)
    const longest = executor.fence() ? SLEEP_US : UNFENCED_US
    /* A client that published before it could see the bell has rung nothing. */
    const missed = batch.rings.some((ring) => ring !== undefined && ring.waiting() > 0)
    const wake = decider.core.nextWakeNs()
    const ns = Math.min(wake === 2n ** 64n - 1n ? Infinity : Number(wake), this.#deadline) - decider.now
    const us = Math.min(longest, Math.max(0, Math.ceil(ns / 1000)))
    if (!missed && us > 0) await executor.wait(new Uint8Array(bell.buffer, bell.byteOffset, 4), us)
    else await new Promise(setImmediate)
    Atomics.store(bell, 0, 0)
  }

  /** Ends run() after the present turn. */
  stop(): Promise<void> {
    this.#running = false
    Atomics.store(this.#parts.bell, 0, 0)
    return new Promise((resolve) => {
      this.#stopped = resolve
    })
  }
}
