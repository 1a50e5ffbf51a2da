/** An open recording in the worker: reads it, and answers what the page asks about it. */
import { shownDecision, shownEvent, type ShownRecord } from '../../host-node/log/shown.ts'
import { readCore, viewOf } from '../lib/core-view.ts'
import type { Export } from '../export-part.ts'
import { Cursor } from '../lib/cursor.ts'
import { transfers } from '../lib/deltas.ts'
import { compile, PredicateError } from '../lib/predicate/compile.ts'
import { Search } from '../lib/predicate/search.ts'
import { Recording } from '../lib/recording.ts'
import type { WhatIfDesk } from '../lib/what-if-desk.ts'
import type { why, Why } from '../lib/why.ts'
import type { Answers, Hit, OpenOptions, Position, Reply, Request, Step, TableRow } from './protocol.ts'
import { open } from './source.ts'

/** How often rows go to the page while a recording is read. */
const REPORT_MS = 150

export type Post = (reply: Reply, transfer?: ArrayBuffer[]) => void

type Ask<K extends Request['ask']> = Extract<Request, { ask: K }>

export class Session {
  readonly #post: Post
  readonly #options: OpenOptions
  #recording: Recording | undefined
  #cursor: Cursor | undefined
  #desk: WhatIfDesk | undefined
  #stopped = false
  #searching = 0
  #reported = 0
  #later: ReturnType<typeof setTimeout> | undefined
  #read = 0
  #replay_ms = 0

  constructor(options: OpenOptions, post: Post) {
    this.#options = options
    this.#post = post
  }

  /** Another recording is opened, or the page stops what runs. */
  end(): void {
    this.#stopped = true
    clearTimeout(this.#later)
  }

  /** Reads everything; resolves when there is no more. Rejects where there is no recording. */
  async read(): Promise<Answers['open']> {
    const { source, wasm, wasm_hash } = this.#options
    const { name, size, chunks, ended } = await open(source)
    const recording = new Recording(name, wasm, wasm_hash)
    this.#recording = recording
    this.#cursor = new Cursor(recording, wasm)
    for await (const chunk of chunks) {
      if (this.#stopped) break
      const begun = performance.now()
      recording.push(chunk)
      this.#replay_ms += performance.now() - begun
      this.#read += chunk.length
      if (performance.now() - this.#reported > REPORT_MS) {
        this.#report(size, source.kind === 'attach')
        // Questions of the page come between two pieces.
        await pause()
      } else if (source.kind === 'attach') {
        // The next piece may be long in coming.
        this.#later ??= setTimeout(() => this.#report(size, true), REPORT_MS)
      }
    }
    if (!this.#stopped) recording.finish()
    this.#report(size, true)
    return { name, verdict: recording.verdict, ended: ended?.reason ?? '' }
  }

  #report(size: number | undefined, all: boolean): void {
    clearTimeout(this.#later)
    this.#later = undefined
    const recording = this.#recording as Recording
    const delta = recording.activity.take(all)
    const { header } = recording
    const facts = header && {
      version: header.version,
      start_unix_ms: Number(header.start_unix_ns / 1_000_000n),
      json: header.json,
      stats: recording.stats,
    }
    const { verdict } = recording
    const [bytes, replay_ms] = [this.#read, this.#replay_ms]
    this.#post({ notice: 'read', delta, verdict, header: facts, bytes, of: size, replay_ms }, transfers(delta))
    this.#reported = performance.now()
  }

  /** Answers a question. Rejects with Error that is meant for people. */
  async answer(request: Request): Promise<unknown> {
    if (this.#recording === undefined || this.#cursor === undefined) throw new Error('no recording is open')
    // They move the cursor: a search that is under way cannot go on.
    if (request.ask === 'step' || request.ask === 'why') this.#searching++
    switch (request.ask) {
      case 'step':
        return this.#step(request)
      case 'search':
        return this.#search(request)
      case 'check':
        return check(request.text)
      case 'why':
        return this.#why(request)
      case 'table':
        return this.#table(request)
      case 'csv':
        return partOf<Export>('flexnpuExport', request.part).csv(
          this.#recording,
          request.what,
          request.from_ns,
          request.to_ns,
        )
      case 'what-if':
        this.#desk ??= new (partOf<typeof WhatIfDesk>('flexnpuWhatIf', request.part))(
          this.#recording,
          this.#options.wasm,
        )
        return this.#desk.ask(request.question, (part) => this.#post({ notice: 'progress', what: 'what-if', part }))
      case 'stop':
        this.#searching++
        return null
      default:
        throw new Error(`${request.ask} is not answered here`)
    }
  }

  #step({ from, decision, step }: Ask<'step'>): Position {
    const recording = this.#recording as Recording
    const target = place(recording, from, decision, step)
    return this.#position(target.events, target.decision)
  }

  #position(events: number, decision: number): Position {
    const recording = this.#recording as Recording
    const cursor = this.#cursor as Cursor
    const at = Math.max(0, Math.min(events, recording.events.count))
    cursor.seek(at - 1)
    cursor.mark()
    const before = at > 0 ? readCore(cursor.core.figures) : undefined
    cursor.seek(at)
    const now = readCore(cursor.core.figures)
    const decisions: Position['decisions'] = []
    if (at > 0) {
      for (let d = recording.firstDecision(at - 1); d < recording.decisions.count; d++) {
        if (recording.eventOf(d) !== at - 1) break
        decisions.push({ index: d, shown: shownDecision(recording.decisions.at(d)) })
      }
    }
    return {
      events: at,
      time_ns: at > 0 ? recording.timeOf(at - 1) : recording.events.count > 0 ? recording.timeOf(0) : 0,
      ...(at > 0 && { event: shownEvent(recording.events.at(at - 1)) }),
      decisions,
      decision: decisions.some(({ index }) => index === decision) ? decision : (decisions[0]?.index ?? -1),
      core: viewOf(now, before),
    }
  }

  async #search({ from, decision, stops, back }: Ask<'search'>): Promise<Hit | null> {
    const mine = ++this.#searching
    const compiled = stops.map(({ text, watch }) => ({ predicate: compile(text), watch }))
    const unconditional = compiled.find(({ predicate, watch }) => !watch && !predicate.condition)
    if (unconditional !== undefined) {
      throw new Error(`${unconditional.predicate.text}: no condition; to stop where its value changes, watch it`)
    }
    const search = new Search(this.#recording as Recording, this.#cursor as Cursor, compiled)
    let paused = performance.now()
    const goOn = async (part: number): Promise<boolean> => {
      if (performance.now() - paused < 50) return true
      this.#post({ notice: 'progress', what: 'search', part })
      await pause()
      paused = performance.now()
      return !this.#stopped && this.#searching === mine
    }
    const hit = await (back ? search.backward(from, goOn) : search.forward(from, goOn))
    void decision
    return hit === undefined ? null : { position: this.#position(hit.events, hit.decision), stop: hit.stop }
  }

  #why({ decision, part }: Ask<'why'>): Why {
    const recording = this.#recording as Recording
    if (decision < 0 || decision >= recording.decisions.count) throw new Error(`there is no decision ${decision + 1}`)
    return partOf<typeof why>('flexnpuWhy', part)(recording, this.#cursor as Cursor, decision)
  }

  #table({ what, from_ns, count, skip }: Ask<'table'>): Answers['table'] {
    const recording = this.#recording as Recording
    const event = recording.eventAt(from_ns)
    const store = what === 'events' ? recording.events : recording.decisions
    const begin = what === 'events' ? event : recording.firstDecision(event)
    const first = Math.max(0, Math.min(begin + skip, store.count - 1))
    const rows: TableRow[] = []
    for (let i = first; i < Math.min(first + count, store.count); i++) {
      const its = what === 'events' ? i : recording.eventOf(i)
      const shown: ShownRecord = what === 'events' ? shownEvent(store.at(i)) : shownDecision(store.at(i))
      rows.push({ number: i + 1, event: its, time_ns: recording.timeOf(its), shown })
    }
    return { rows, total: store.count, first }
  }
}

/** Runs a part's script where that was not done yet (state/parts.ts); it leaves something behind under a name. */
function partOf<T>(name: string, text: string): T {
  const all = globalThis as unknown as Record<string, T | undefined> & { importScripts(url: string): void }
  if (all[name] === undefined) {
    const url = URL.createObjectURL(new Blob([`(${text})()`], { type: 'text/javascript' }))
    all.importScripts(url)
    URL.revokeObjectURL(url)
  }
  return all[name] as T
}

function check(text: string): Answers['check'] {
  try {
    const { condition, state } = compile(text)
    return { condition, state }
  } catch (error) {
    if (error instanceof PredicateError) return { error: error.message, at: error.at }
    throw error
  }
}

/** Where a step leads. */
function place(recording: Recording, from: number, decision: number, step: Step): { events: number; decision: number } {
  if (step.by === 'seek') return { events: step.events, decision: step.decision ?? -1 }
  if (step.by === 'time') {
    const at = recording.eventAt(step.time_ns)
    const reached = at < recording.events.count && recording.timeOf(at) <= step.time_ns
    return { events: reached ? at + 1 : at, decision: -1 }
  }
  if (step.by === 'event') return { events: from + (step.back ? -1 : 1), decision: -1 }
  const found = nextDecision(recording, from, decision, step.back, step.stream)
  return found < 0 ? { events: from, decision } : { events: recording.eventOf(found) + 1, decision: found }
}

/** The decision behind, or before, the place; of a stream where one is given. -1 for none. */
function nextDecision(recording: Recording, from: number, decision: number, back: boolean, stream?: number): number {
  const { decisions } = recording
  const by = back ? -1 : 1
  let d = decision >= 0 ? decision + by : back ? recording.firstDecision(from) - 1 : recording.firstDecision(from)
  for (; d >= 0 && d < decisions.count; d += by) if (stream === undefined || decisions.u32(d, 4) === stream) return d
  return -1
}

/** Lets messages that wait be taken. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(0)
  })
