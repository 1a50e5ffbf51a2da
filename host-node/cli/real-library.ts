/**
 * Finds the real AscendCL library that calls are forwarded to: the simulator, the one the user names, or the one where
 * CANN installs it. Never our own library, which would forward to itself.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { artefacts, requireBuilt } from './artefacts.ts'
import { requireLoadable } from './elf.ts'
import { UserError } from './errors.ts'

/** Names under which CANN installs AscendCL; the first that a folder has is checked. */
const LIBRARY_NAMES = ['libascendcl.so', 'libacl_rt.so']

/** Where CANN's installer puts it. */
const INSTALLED = ['/usr/local/Ascend/ascend-toolkit/latest/lib64', '/usr/local/Ascend/latest/lib64']

/** The real library. */
export interface RealLibrary {
  /** Absolute folder that holds it. */
  dir: string
  /** Whether the program has to be told where it is (LD_LIBRARY_PATH): it was named by the user. */
  named: boolean
}

/** Finds and checks the library for `--npu` (undefined: not given). Throws UserError that names what was looked at. */
export function findRealLibrary(npu: string | undefined, env: NodeJS.ProcessEnv): RealLibrary {
  if (npu === 'sim') {
    requireBuilt(join(artefacts.sim, 'libascendcl.so'), 'the simulated NPU')
    return checked(artefacts.sim, true)
  }
  if (npu !== undefined) return namedLibrary(npu)
  const places = searchPlaces(env)
  const found = places.find(({ dir }) => dir !== undefined && libraryIn(dir) !== undefined)
  if (found?.dir !== undefined) return checked(found.dir, false)
  const looked = places.map(({ from, dir }) => (dir === undefined ? `${from} (not set)` : dir))
  throw new UserError(
    `no AscendCL library found; looked at ${looked.join(', ')}; name one with --npu PATH, or use --npu sim`,
  )
}

function searchPlaces(env: NodeJS.ProcessEnv): { from: string; dir: string | undefined }[] {
  const below = (name: string): { from: string; dir: string | undefined } => {
    const base = env[name]
    return { from: `${name}/lib64`, dir: base === undefined || base === '' ? undefined : join(base, 'lib64') }
  }
  return [below('ASCEND_HOME_PATH'), below('ASCEND_TOOLKIT_HOME'), ...INSTALLED.map((dir) => ({ from: dir, dir }))]
}

function namedLibrary(npu: string): RealLibrary {
  const path = resolve(npu)
  if (!existsSync(path)) throw new UserError(`${path}: no such file or folder (--npu)`)
  if (statSync(path).isDirectory()) {
    if (libraryIn(path) !== undefined) return checked(path, true)
    throw new UserError(`${path}: holds neither ${LIBRARY_NAMES.join(' nor ')} (--npu)`)
  }
  requireLoadable(path)
  if (!LIBRARY_NAMES.some((name) => basename(path) === name || basename(path).startsWith(`${name}.`))) {
    throw new UserError(`${path}: not named ${LIBRARY_NAMES.join(' or ')} (--npu)`)
  }
  return checked(dirname(path), true)
}

function libraryIn(dir: string): string | undefined {
  return LIBRARY_NAMES.map((name) => join(dir, name)).find((file) => existsSync(file))
}

function checked(dir: string, named: boolean): RealLibrary {
  const file = libraryIn(dir)
  if (file === undefined) throw new UserError(`${dir}: holds neither ${LIBRARY_NAMES.join(' nor ')} (--npu)`)
  requireLoadable(file)
  if (existsSync(artefacts.shim_dir) && realpathSync(file).startsWith(realpathSync(artefacts.shim_dir) + sep)) {
    throw new UserError(`${file}: this is FlexNPU's own library, not a real one (--npu)`)
  }
  return { dir: resolve(dir), named }
}
