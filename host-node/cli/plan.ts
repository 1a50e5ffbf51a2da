/**
 * Turns the options of `flexnpu run` into what is started: a program that exists, and its environment. Every check
 * happens here, before anything is created or started, so that bad input leaves nothing behind.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { artefacts, requireBuilt } from './artefacts.ts'
import { codeOf, requireLoadable } from './elf.ts'
import { UserError } from './errors.ts'
import { choosePolicy, DEFAULT_POLICY } from './policy.ts'
import { isRecording } from '../log/reader.ts'
import { findRealLibrary } from './real-library.ts'

/** Options of `flexnpu run`, as commander gives them. */
export interface RunOptions {
  policy?: string
  policyParam?: string[]
  record?: string
  npu?: string
  role?: string
  direct?: boolean
  /** Socket of the daemon whose device the program is to use. */
  daemon?: string
  dropIn?: boolean
  json?: boolean
}

/** What to start. */
export interface RunPlan {
  /** Absolute path of the program, and the name it was called by. */
  file: string
  name: string
  args: string[]
  /** Complete environment, FLEXNPU_STATS excepted. */
  env: NodeJS.ProcessEnv
  /** Whether FlexNPU is in between. */
  direct: boolean
  policy: string | null
  /** Absolute path of the recording; an older one there is removed when the program is started. */
  record: string | null
}

/** Checks everything and plans the run. Throws UserError. */
export function planRun(command: readonly string[], options: RunOptions, env: NodeJS.ProcessEnv): RunPlan {
  const [name = '', ...args] = command
  const file = findProgram(name, env)
  const program = { file, name, args }
  if (options.direct === true) return { ...program, ...planDirect(options, env) }
  if (options.daemon !== undefined) return { ...program, ...planDaemon(options, options.daemon, env) }
  const choice = choosePolicy(options.policy ?? DEFAULT_POLICY, options.policyParam ?? [])
  const real = findRealLibrary(options.npu, env)
  requireBuilt(artefacts.shim, "FlexNPU's library")
  requireLoadable(artefacts.shim)
  if (options.dropIn === true) requireBuilt(artefacts.drop_in, "FlexNPU's drop-in folder")
  const record = options.record === undefined ? null : writableFile(options.record)
  const folders = [...(options.dropIn === true ? [artefacts.drop_in] : []), ...(real.named ? [real.dir] : [])]
  return {
    ...program,
    direct: false,
    policy: choice.policy,
    record,
    env: {
      ...withLibraryFolders(env, folders),
      ...(options.dropIn === true ? {} : { LD_PRELOAD: inFront(preloadable(artefacts.shim), env.LD_PRELOAD) }),
      // One that is set in the shell would lead the program to a daemon after all.
      FLEXNPU_DAEMON: undefined,
      FLEXNPU_REAL: real.dir,
      FLEXNPU_POLICY: choice.policy,
      FLEXNPU_POLICY_PARAMS: choice.parameters.join(','),
      ...(record === null ? {} : { FLEXNPU_RECORD: record }),
      ...(options.role === undefined ? {} : { FLEXNPU_ROLE: options.role }),
    },
  }
}

/** The program alone, for comparison: only the library it is to find is set. */
function planDirect(
  options: RunOptions,
  env: NodeJS.ProcessEnv,
): Pick<RunPlan, 'direct' | 'policy' | 'record' | 'env'> {
  const conflicting = [
    ['--policy', options.policy],
    ['--policy-param', options.policyParam],
    ['--record', options.record],
    ['--role', options.role],
    ['--drop-in', options.dropIn],
    ['--daemon', options.daemon],
  ].find(([, value]) => value !== undefined)
  if (conflicting !== undefined)
    throw new UserError(`--direct runs without FlexNPU, so ${conflicting[0]} has no meaning`)
  const folders = options.npu === undefined ? [] : [findRealLibrary(options.npu, env).dir]
  return { direct: true, policy: null, record: null, env: withLibraryFolders(env, folders) }
}

/** The device, its policy and its recording are the daemon's; the program is only led there. */
function planDaemon(
  options: RunOptions,
  daemon: string,
  env: NodeJS.ProcessEnv,
): Pick<RunPlan, 'direct' | 'policy' | 'record' | 'env'> {
  const conflicting = [
    ['--policy', options.policy],
    ['--policy-param', options.policyParam],
    ['--record', options.record],
    ['--npu', options.npu],
  ].find(([, value]) => value !== undefined)
  if (conflicting !== undefined) throw new UserError(`${conflicting[0]} is the daemon's to choose (flexnpu daemon)`)
  const socket = resolve(daemon)
  if (!statSync(socket, { throwIfNoEntry: false })?.isSocket()) {
    throw new UserError(`${socket}: no socket of a daemon (--daemon)`)
  }
  requireBuilt(artefacts.shim, "FlexNPU's library")
  requireLoadable(artefacts.shim)
  if (options.dropIn === true) requireBuilt(artefacts.drop_in, "FlexNPU's drop-in folder")
  const led = options.dropIn === true ? withLibraryFolders(env, [artefacts.drop_in]) : env
  return {
    direct: false,
    policy: null,
    record: null,
    env: {
      ...led,
      ...(options.dropIn === true ? {} : { LD_PRELOAD: inFront(preloadable(artefacts.shim), env.LD_PRELOAD) }),
      FLEXNPU_DAEMON: socket,
      ...(options.role === undefined ? {} : { FLEXNPU_ROLE: options.role }),
    },
  }
}

function withLibraryFolders(env: NodeJS.ProcessEnv, folders: readonly string[]): NodeJS.ProcessEnv {
  if (folders.length === 0) return env
  return { ...env, LD_LIBRARY_PATH: inFront(folders.join(':'), env.LD_LIBRARY_PATH) }
}

/** The loader takes spaces and colons in LD_PRELOAD as ends of names, and goes on without what it does not find. */
export function preloadable(file: string): string {
  if (/[\s:]/.test(file)) {
    throw new UserError(`${file}: cannot be preloaded from a folder with a space or colon in its name; use --drop-in`)
  }
  return file
}

/** Ours first, what was there behind it. */
const inFront = (ours: string, theirs: string | undefined): string =>
  theirs === undefined || theirs === '' ? ours : `${ours}:${theirs}`

/** The file that a shell would start for this name. */
function findProgram(name: string, env: NodeJS.ProcessEnv): string {
  if (name.includes('/')) {
    const fault = executableFault(name)
    if (fault !== undefined) throw new UserError(`${resolve(name)}: ${fault}`)
    return resolve(name)
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((dir) => dir !== '')
  const found = folders.map((dir) => join(dir, name)).find((file) => executableFault(file) === undefined)
  if (found === undefined) throw new UserError(`${name}: no such program in PATH`)
  return resolve(found)
}

function executableFault(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return 'not a program'
    accessSync(file, constants.X_OK)
    return undefined
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' ? 'no such program' : code === 'EACCES' ? 'not executable' : `cannot be run (${code})`
  }
}

/** The absolute path, where a file can be written there. */
function writableFile(path: string): string {
  const file = resolve(path)
  const dir = dirname(file)
  try {
    if (!statSync(dir).isDirectory()) throw new UserError(`${dir}: not a folder (--record)`)
    accessSync(dir, constants.W_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof UserError) throw error
    const code = codeOf(error)
    throw new UserError(`${dir}: ${code === 'ENOENT' ? 'no such folder' : `cannot be written to (${code})`} (--record)`)
  }
  const there = statSync(file, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) throw new UserError(`${file}: not a regular file (--record)`)
  if (there !== undefined && there.size > 0 && !isRecording(file)) {
    throw new UserError(`${file}: is there and is no recording; not overwritten (--record)`)
  }
  return file
}
