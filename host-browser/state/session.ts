/** What the page does with a recording: opening, going places, searching, asking why. */
import { batch } from '@preact/signals'
import type { Position, Source, Step } from '../worker/protocol.ts'
import * as app from './app.ts'
import type { Why } from '../lib/why.ts'
import { Client, type Notice } from './client.ts'
import { part } from './parts.ts'

export const client = new Client(noticed)

let begun = 0
let fresh = true

function noticed(notice: Notice): void {
  if (notice.notice === 'progress') {
    if (notice.what === 'what-if') app.whatIfPart.value = notice.part
    else if (app.searching.value !== undefined) app.searching.value = notice.part
    return
  }
  app.trace.append(notice.delta)
  batch(() => {
    app.verdict.value = notice.verdict
    app.header.value = notice.header
    const { bytes, of, replay_ms } = notice
    app.reading.value = { bytes, of, replay_ms, load_ms: performance.now() - begun }
    app.revision.value++
    if (app.stage.value === 'reading') {
      if (fresh) app.view.value = app.whole()
      else if (app.follow.value) followEnd()
    }
  })
}

function followEnd(): void {
  const { from, to } = app.view.value
  const length = to - from
  app.look(app.trace.last_ns - length * 0.95, app.trace.last_ns + length * 0.05)
}

/** The view is what a link says, or the user chose: reading on does not move it. */
export function keepView(): void {
  fresh = false
}

let wasm: Promise<{ bytes: Uint8Array<ArrayBuffer>; hash?: string }> | undefined

/** The core: in the page itself, or beside it. */
function core(): Promise<{ bytes: Uint8Array<ArrayBuffer>; hash?: string }> {
  wasm ??= (async () => {
    const bytes = inlined('core-wasm') ?? (await fetched('core.wasm'))
    if (globalThis.crypto?.subtle === undefined) return { bytes }
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return { bytes, hash: Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('') }
  })()
  return wasm
}

async function fetched(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(name, document.baseURI))
  if (!response.ok) throw new Error(`${name}: the server answers ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** The bytes of an element that holds them in base64, where the page has one. */
export function inlined(id: string): Uint8Array<ArrayBuffer> | undefined {
  const text = document.getElementById(id)?.textContent?.trim()
  if (text === undefined || text === '') return undefined
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

let opening = 0

/** Opens a recording; what was open is closed. Resolves when it is read, or cannot be. */
export async function open(source: Source, name: string): Promise<void> {
  const mine = ++opening
  app.begin(name)
  fresh = true
  app.live.value = source.kind === 'attach'
  app.attached.value = source.kind === 'attach'
  app.follow.value = source.kind === 'attach'
  begun = performance.now()
  try {
    const { bytes, hash } = await core()
    const options = { source, wasm: bytes, ...(hash !== undefined && { wasm_hash: hash }) }
    const opened = await client.ask({ ask: 'open', options })
    if (mine !== opening) return
    batch(() => {
      app.live.value = false
      app.verdict.value = opened.verdict
      app.ended.value = opened.ended
      app.stage.value = 'ready'
      app.message.value = `${name} is read: ${opened.verdict.events} events.`
    })
    if (app.position.value === undefined) await go({ by: 'seek', events: Math.min(1, opened.verdict.events) }, false)
  } catch (error) {
    if (mine !== opening) return
    batch(() => {
      app.stage.value = 'failed'
      app.failure.value = error instanceof Error ? error.message : String(error)
      app.message.value = app.failure.value
    })
  }
}

let asked = 0

/** Goes somewhere and shows what is there; of several at once the last counts. */
export async function go(step: Step, show = true): Promise<Position | undefined> {
  const mine = ++asked
  const from = app.position.value?.events ?? 0
  const decision = app.position.value?.decision ?? -1
  const there = await client.ask({ ask: 'step', from, decision, step })
  if (mine !== asked) return undefined
  arrive(there, show)
  return there
}

function arrive(there: Position, show: boolean): void {
  batch(() => {
    app.position.value = there
    if (show) app.reveal(there.time_ns)
    const kind = there.event === undefined ? 'the beginning' : String(there.event['kind'])
    app.message.value = `Event ${there.events}: ${kind}, ${there.decisions.length} decisions.`
  })
  void explain()
}

/** Why a decision was made, counted from 0. */
export async function askWhy(decision: number): Promise<Why> {
  return client.ask({ ask: 'why', decision, part: (await part('why.js')).toString() })
}

/** Asks why the decision of the place was made. */
async function explain(): Promise<void> {
  const decision = app.position.value?.decision ?? -1
  if (decision < 0) {
    app.why.value = undefined
    return
  }
  if (app.why.value?.decision === decision) return
  let because: Why
  try {
    because = await askWhy(decision)
  } catch (error) {
    app.message.value = error instanceof Error ? error.message : String(error)
    return
  }
  if (app.position.value?.decision === decision) app.why.value = because
}

/** Goes to a decision, counted from 0, of the present event. */
export function choose(decision: number): void {
  const here = app.position.value
  if (here === undefined) return
  app.position.value = { ...here, decision }
  void explain()
}

/** Runs, or runs back, until a stop that is on says so. */
export async function run(back: boolean): Promise<void> {
  const on = app.stops.value.filter((stop) => stop.on)
  if (on.length === 0) {
    app.message.value = 'There is no breakpoint or watchpoint to run to; add one under Stops.'
    app.tab.value = 'stops'
    return
  }
  await find(
    on.map(({ text, watch }) => ({ text, watch })),
    back,
  )
}

/** Goes to the next, or the last, place where one of several conditions says stop. */
export async function find(list: { text: string; watch: boolean }[], back: boolean): Promise<boolean> {
  const mine = ++asked
  const given = endedSearches
  const here = app.position.value
  app.searching.value = 0
  try {
    const hit = await client.ask({
      ask: 'search',
      from: here?.events ?? 0,
      decision: here?.decision ?? -1,
      stops: list,
      back,
    })
    if (mine !== asked) return false
    if (hit === null) {
      if (given !== endedSearches) app.message.value = 'The search was ended.'
      else app.message.value = back ? 'Nothing before here.' : 'Nothing from here to the end.'
      return false
    }
    arrive(hit.position, true)
    app.message.value = `Stopped at event ${hit.position.events}: ${list[hit.stop]?.text ?? ''}`
    return true
  } catch (error) {
    app.message.value = error instanceof Error ? error.message : String(error)
    return false
  } finally {
    app.searching.value = undefined
  }
}

/** Searches that were ended before they found anything. */
let endedSearches = 0

/** Ends a search. */
export function stopSearch(): void {
  endedSearches++
  void client.ask({ ask: 'stop' })
}
