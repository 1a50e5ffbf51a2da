/** Recordings made in virtual time, without files: events and decisions as a what-if takes them. */
import { readFileSync } from 'node:fs'
import { WhatIf, type RecordedRun } from '../../host-browser/lib/what-if/what-if.ts'
import { Core } from '../../host-node/core/core.ts'
import { path } from '../../tools/build/steps.ts'
import type { Machine } from '../core/machine.ts'
import { serve, type Serving } from '../core/serving.ts'

const wasm = new Uint8Array(readFileSync(path('build', 'core.wasm')))

/** A core that nothing was fed. */
export const freshCore = (): Core => new Core(wasm)

/** What a host would have recorded of the machine. */
export function recorded({ host }: Machine): RecordedRun {
  const events = new Uint8Array(host.recording())
  return { json: { host: 'shim' }, events, decisions: freshCore().feed(events) }
}

const known = new Map<string, RecordedRun>()

/** A small LLM server's recording; made once, so not to be written to. */
export function served(serving: Serving): RecordedRun {
  const key = JSON.stringify(serving)
  const run = known.get(key) ?? recorded(serve(serving).machine)
  known.set(key, run)
  return run
}

export const recover = (serving: Serving): WhatIf => new WhatIf(served(serving))
