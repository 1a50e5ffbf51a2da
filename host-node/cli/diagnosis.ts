/**
 * What came of a program's calls, from the reports of its processes: what was linked and what was found by name, which
 * functions and operators went past FlexNPU, and which other library stands between the two.
 */
import { realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { apiTable } from '../../build/gen/ts/api.ts'
import { elfNames, type ElfNames } from './elf-names.ts'
import type { ProcessReport, RunStats } from './run-stats.ts'

/** A library that is in the way, or may be. */
export interface Interposer {
  library: string
  /** Why it is here: where it is named, or what it has. */
  why: string
  /** Whether it took names before FlexNPU did in this run; else it is only there. */
  before_us: boolean
}

/** Who calls AscendCL by names that the loader binds. */
export interface Caller {
  library: string
  /** Functions of AscendCL that it wants. */
  functions: number
  /** Whether the loader finds FlexNPU's first. */
  reaches_us: boolean
}

export interface Diagnosis {
  calls: number
  /** Functions that were called and bound by the loader (in the callers), and found by dlsym, with counts. */
  linked: { functions: number; callers: Caller[] }
  by_name: { works: boolean; lookups: Record<string, number> }
  /** Calls that put kernels on a device, whoever made them. */
  launches: Record<string, number>
  /** Operators of aclnn that were found by dlsym, with calls of their phase 2. */
  operators: Record<string, number>
  /** Looked up, there, and unknown to FlexNPU: their calls went to the real library directly. */
  unknown: Record<string, number>
  /** Called, and the real library has none. */
  missing: Record<string, number>
  interposers: Interposer[]
  problems: string[]
}

/** Libraries of peers that stand in for AscendCL or the runtime, by how their names begin. */
const PEERS: [string, string][] = [
  ['libvnpu', 'the limiter of HAMi'],
  ['libpreempt', 'XSched'],
  ['libxsched', 'XSched'],
  ['libshimascend', 'XSched'],
  ['libhalascend', 'XSched'],
]

const ours: ReadonlySet<string> = new Set(apiTable.flatMap((f) => (f === undefined ? [] : [f.name])))
const launching = /^(aclrtLaunchKernel|rt\w*KernelLaunch|rtFusionLaunch|aclmdlRIExecute|aclmdlExecute|aclopExecute)/

const peerOf = (file: string): string | undefined => PEERS.find(([prefix]) => basename(file).startsWith(prefix))?.[1]

export interface Surroundings {
  /** Text of /etc/ld.so.preload, '' where there is none. */
  system_preload: string
  /** LD_PRELOAD as it was before FlexNPU. */
  preload: string
  /** FlexNPU was preloaded; else it is in the place of libascendcl.so. */
  preloaded: boolean
}

export function diagnose(stats: RunStats | null, around: Surroundings): Diagnosis {
  const processes = stats?.processes ?? []
  const read = new Map<string, ElfNames | null>()
  const names = (file: string): ElfNames | null => {
    if (!read.has(file)) read.set(file, elfNames(file))
    return read.get(file)!
  }
  const calls = stats?.calls ?? {}
  const lookups = stats?.looked_up ?? {}
  const interposers = unique([
    ...named(around.system_preload, '/etc/ld.so.preload'),
    ...named(around.preload, 'LD_PRELOAD'),
    ...processes.flatMap((p) => mapped(p, names)),
  ])
  const callers = unique(processes.flatMap((p) => callersOf(p, names)))
  const diagnosis: Diagnosis = {
    calls: Object.values(calls).reduce((sum, n) => sum + n, 0),
    linked: { functions: Object.keys(calls).filter((name) => lookups[name] === undefined).length, callers },
    by_name: { works: processes.length > 0 && processes.every((p) => p.finds_dlsym), lookups },
    launches: Object.fromEntries(Object.entries(calls).filter(([name]) => launching.test(name))),
    operators: stats?.operators ?? {},
    unknown: stats?.unknown ?? {},
    missing: stats?.missing ?? {},
    interposers,
    problems: [],
  }
  diagnosis.problems = problemsOf(diagnosis, stats, around)
  return diagnosis
}

function problemsOf(d: Diagnosis, stats: RunStats | null, around: Surroundings): string[] {
  const problems: string[] = []
  if (stats === null) problems.push('no call was seen: the program left no report')
  for (const { library, why } of d.interposers.filter((i) => i.before_us))
    problems.push(`${library} is in the way (${why})`)
  for (const { library } of d.linked.callers.filter((c) => !c.reaches_us))
    problems.push(`${library} is linked past FlexNPU: the loader finds another library first`)
  if (around.preloaded && stats !== null && !d.by_name.works)
    problems.push('functions that are looked up by name are not seen: the dlsym of another library comes first')
  for (const message of stats?.fault_messages ?? []) problems.push(message)
  return problems
}

/** Entries of a list of preloads. */
const named = (list: string, where: string): Interposer[] =>
  list
    .replaceAll(/#.*/g, '')
    .split(/[\s:]+/)
    .filter((entry) => entry !== '')
    .map((library) => ({ library, why: [where, peerOf(library)].filter(Boolean).join(', '), before_us: false }))

const sameFile = (a: string, b: string): boolean => real(a) === real(b)

function real(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}

/** Functions of AscendCL among some names. */
const ofAscendCL = (names: ReadonlySet<string> | undefined): string[] => [...(names ?? [])].filter((n) => ours.has(n))

/** Libraries of CANN itself: those that calls are forwarded to, and their neighbours. */
const isReal = (file: string, p: ProcessReport): boolean =>
  p.real.some((r) => sameFile(r, file) || dirname(real(r)) === dirname(real(file)))

function mapped(p: ProcessReport, names: (file: string) => ElfNames | null): Interposer[] {
  const self = p.libraries.findIndex((file) => sameFile(file, p.self))
  return p.libraries.flatMap((library, i): Interposer[] => {
    if (i === self || sameFile(library, p.self)) return []
    const peer = peerOf(library)
    const has = ofAscendCL(names(library)?.defined).length
    const before = i < self && has > 0
    if (peer === undefined && !before) return []
    const what = has > 0 ? `has ${has} functions of AscendCL${before ? ' and comes before FlexNPU' : ''}` : 'is loaded'
    return [{ library, why: [peer, what].filter(Boolean).join(', '), before_us: before }]
  })
}

function callersOf(p: ProcessReport, names: (file: string) => ElfNames | null): Caller[] {
  const providers = p.libraries.filter((file) => ofAscendCL(names(file)?.defined).length > 0)
  return [p.program, ...p.libraries].flatMap((library): Caller[] => {
    if (sameFile(library, p.self) || isReal(library, p)) return []
    const wanted = ofAscendCL(names(library)?.wanted)
    if (wanted.length === 0) return []
    const first = providers.find((file) => wanted.some((name) => names(file)!.defined.has(name)))
    return [{ library, functions: wanted.length, reaches_us: first !== undefined && sameFile(first, p.self) }]
  })
}

const unique = <T extends { library: string }>(list: T[]): T[] => [
  ...new Map(list.map((entry) => [JSON.stringify(entry), entry])).values(),
]
