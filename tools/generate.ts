/**
 * Writes everything that is generated from spec/ to build/gen (or the folder given), and only what changed, so that
 * builds stay incremental. `npx tsx tools/generate.ts [DIR]`
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emitAclHeaders } from './emit/acl-headers.ts'
import { emitLayoutAs } from './emit/layout-as.ts'
import { emitLayoutC } from './emit/layout-c.ts'
import { emitLayoutTs } from './emit/layout-ts.ts'
import { emitApiC, emitApiNamesTs, emitApiTs } from './emit/api-table.ts'
import { emitRemoteClient } from './emit/remote-client.ts'
import { emitRemoteServer } from './emit/remote-server.ts'
import { emitRingC } from './emit/ring-c.ts'
import { emitShim } from './emit/shim.ts'
import { emitSimApi, emitSimExports, emitSimLibraries, emitSimStandIns } from './emit/sim.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Every generated file by its path below the output folder. */
export function generated(): Record<string, string> {
  const headers = Object.entries(emitAclHeaders()).map(([path, text]) => [`include/${path}`, text])
  return {
    ...Object.fromEntries(headers),
    'as/layout.ts': emitLayoutAs(),
    'ts/records.ts': emitLayoutTs(),
    'ts/api.ts': emitApiTs(),
    'ts/api-names.ts': emitApiNamesTs(),
    'c/records.h': emitLayoutC(),
    'c/api.h': emitApiC(),
    'sim/sim_api.h': emitSimApi(),
    'sim/exports.c': emitSimExports(),
    'sim/stand_ins.c': emitSimStandIns(),
    ...emitSimLibraries(),
    'c/ring_layout.h': emitRingC(),
    ...emitShim(),
    ...emitRemoteClient(),
    ...emitRemoteServer(),
  }
}

/** Writes the files that differ from what is there; returns their paths. */
export function writeGenerated(dir: string): string[] {
  const written: string[] = []
  for (const [path, text] of Object.entries(generated())) {
    const file = join(dir, path)
    let before: string | undefined
    try {
      before = readFileSync(file, 'utf8')
    } catch {
      before = undefined
    }
    if (before === text) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    written.push(path)
  }
  return written
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2] ?? join(root, 'build', 'gen')
  const written = writeGenerated(dir)
  process.stderr.write(`generated ${written.length} changed file(s) in ${dir}\n`)
}
