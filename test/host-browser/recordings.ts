/** Recordings for the debugger's tests: made by the core with the streams of bench/replay, in a folder that is removed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { generate } from '../../bench/replay/generate.ts'
import { Core } from '../../host-node/core/core.ts'
import { Recording } from '../../host-browser/lib/recording.ts'
import { path } from '../../tools/build/steps.ts'

export const folder = mkdtempSync(join(tmpdir(), 'flexnpu-debugger-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

export const wasm = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path('build', 'core.wasm')))

/** Writes a recording of so many events; its path. */
export function recorded(name: string, events: number): string {
  const file = join(folder, `${name}.flexlog`)
  generate(file, new Core(wasm()), events)
  return file
}

/** A file as the debugger reads it, in pieces of `piece` bytes. `snapshot_events`: between two copies of the state. */
export function opened(file: string, snapshot_events = 1000, piece = 64 * 1024): Recording {
  const recording = new Recording(file, wasm(), undefined, snapshot_events)
  const bytes = new Uint8Array(readFileSync(file))
  for (let at = 0; at < bytes.length; at += piece) recording.push(bytes.subarray(at, at + piece))
  recording.finish()
  return recording
}
