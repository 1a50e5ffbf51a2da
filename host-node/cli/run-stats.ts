/**
 * What the shim says of a run when its process ends: a JSON file whose path is in FLEXNPU_STATS. A program that starts
 * others gives one file for each of them in the same folder; they are added up.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How FlexNPU stood among the libraries of one process. */
export interface ProcessReport {
  program: string
  /** Libraries in the order in which the loader looks names up; FlexNPU's is `self`. */
  libraries: string[]
  self: string
  /** Those that calls are forwarded to. */
  real: string[]
  /** Whether lookups by name find our dlsym. */
  finds_dlsym: boolean
}

/** Totals over every process of a run. */
export interface RunStats {
  /** Calls by AscendCL function. */
  calls: Record<string, number>
  faults: number
  fault_messages: string[]
  /** Calls of functions that the real library does not have. */
  missing: Record<string, number>
  /** Functions that were looked up, that the real library has, and whose calls FlexNPU does not see: how often. */
  unknown: Record<string, number>
  /** Functions of ours that were found by dlsym, and operators of aclnn, by calls of their phase 2. */
  looked_up: Record<string, number>
  operators: Record<string, number>
  processes: ProcessReport[]
}

/** Adds up the reports in a folder; null where no process left one that can be read. */
export function readRunStats(dir: string): RunStats | null {
  const total: RunStats = {
    calls: {},
    faults: 0,
    fault_messages: [],
    missing: {},
    unknown: {},
    looked_up: {},
    operators: {},
    processes: [],
  }
  let reports = 0
  const names = readdirSync(dir).filter((file) => file.endsWith('.json'))
  for (const name of names.toSorted()) {
    const report = parse(readFileSync(join(dir, name), 'utf8'))
    if (report === undefined) continue
    reports++
    addCounts(total.calls, report.calls)
    addCounts(total.missing, report.missing)
    addCounts(total.unknown, report.unknown)
    addCounts(total.looked_up, report.looked_up)
    addCounts(total.operators, report.operators)
    total.processes.push({
      program: String(report.program),
      libraries: asStrings(report.libraries),
      self: String(report.self),
      real: asStrings(report.real),
      finds_dlsym: report.finds_dlsym === true,
    })
    total.faults += asNumber(report.faults)
    if (Array.isArray(report.fault_messages)) total.fault_messages.push(...report.fault_messages.map(String))
  }
  return reports === 0 ? null : total
}

function addCounts(total: Record<string, number>, counts: unknown): void {
  for (const [name, count] of Object.entries(asRecord(counts))) total[name] = (total[name] ?? 0) + asNumber(count)
}

/** A process that is killed while it writes leaves half a report: no report. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const asNumber = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)

const asStrings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
