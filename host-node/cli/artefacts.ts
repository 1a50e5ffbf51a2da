/**
 * Where the things that the build makes lie, found from the place of this file, so that the CLI works from any working
 * directory, from its source and from its compiled form.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from './errors.ts'

function findRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir)
    if (parent === dir) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`)
    dir = parent
  }
  return dir
}

/** The folder of the package. */
export const root = findRoot()

/** Absolute paths of what the build makes. */
export const artefacts = {
  core: join(root, 'build', 'core.wasm'),
  shim: join(root, 'build', 'host-shim', 'libflexnpu.so'),
  drop_in: join(root, 'build', 'host-shim', 'dropin'),
  shim_dir: join(root, 'build', 'host-shim'),
  sim: join(root, 'build', 'npu-sim'),
  page: join(root, 'build', 'host-browser'),
}

/** Version of the package. */
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** Throws UserError where something that the build makes is not there. */
export function requireBuilt(path: string, what: string): void {
  if (!existsSync(path)) throw new UserError(`${path}: ${what} is not built; run \`npm run build\``)
}

/** The bytes of core.wasm. */
export function coreWasm(): Uint8Array<ArrayBuffer> {
  requireBuilt(artefacts.core, 'the scheduling core')
  return new Uint8Array(readFileSync(artefacts.core))
}
