/**
 * `flexnpu doctor`: runs a program under FlexNPU and says what was caught and how, what went past, which CANN it runs on,
 * and whether another library is in the way. Standard output is the program's until it ends, then ours.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { cannVersion } from './cann.ts'
import { diagnose, type Diagnosis } from './diagnosis.ts'
import { launch, type RunOutcome } from './launch.ts'
import { planRun } from './plan.ts'
import { findRealLibrary } from './real-library.ts'
import type { RunStats } from './run-stats.ts'

/** Exit code where something is in the way, or nothing was seen. */
const EXIT_PROBLEMS = 1

/** Where the loader finds what it preloads into every program. */
const SYSTEM_PRELOAD = '/etc/ld.so.preload'

interface DoctorOptions {
  npu?: string
  dropIn?: boolean
  json?: boolean
}

/** What --json prints. */
interface Report extends Diagnosis {
  program: string
  exit_code: number
  signal: string | null
  mechanism: 'preload' | 'drop-in'
  cann: { folder: string; libraries: string[]; version: string | null; version_file: string | null }
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('say what FlexNPU catches of a program, and what is in the way')
    .description(
      'Run a program under FlexNPU, and say which of its calls are caught and how, which functions went past, which\n' +
        'CANN was found, and whether another library is in the way.\n' +
        'Exit code 0: all is well; 1: there are problems (they are named); 2: bad input. The exit code of the program\n' +
        'is in the report.',
    )
    .usage('[options] -- PROGRAM [ARGUMENTS...]')
    .argument('<program...>', 'the program and its arguments')
    .option(
      '--npu <sim|path>',
      'simulated NPU, or the real libascendcl.so or its folder (default: where CANN installs it)',
    )
    .option('--drop-in', 'stand in by library path instead of preloading')
    .option('--json', 'print the report as the last line of standard output')
    .passThroughOptions()
    .action(async (command: string[], options: DoctorOptions) => {
      const { env } = process
      const plan = planRun(command, options, env)
      const real = findRealLibrary(options.npu, env)
      const outcome = await launch(plan)
      const report = reportOf(plan.name, outcome, options, real.dir)
      process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : reportText(report))
      if (report.problems.length > 0) process.exitCode = EXIT_PROBLEMS
    })
}

function reportOf(program: string, outcome: RunOutcome, options: DoctorOptions, folder: string): Report {
  const preloaded = options.dropIn !== true
  const around = {
    system_preload: existsSync(SYSTEM_PRELOAD) ? readFileSync(SYSTEM_PRELOAD, 'utf8') : '',
    preload: process.env['LD_PRELOAD'] ?? '',
    preloaded,
  }
  const libraries = realLibraries(outcome.stats)
  const version = cannVersion(libraries.length > 0 ? dirname(libraries[0]!) : folder)
  return {
    program,
    exit_code: outcome.exit_code,
    signal: outcome.signal,
    mechanism: preloaded ? 'preload' : 'drop-in',
    cann: { folder, libraries, version: version?.version ?? null, version_file: version?.file ?? null },
    ...diagnose(outcome.stats, around),
  }
}

const realLibraries = (stats: RunStats | null): string[] => [
  ...new Set((stats?.processes ?? []).flatMap(({ real }) => real)),
]

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none'

function reportText(r: Report): string {
  const { cann, linked, by_name } = r
  const lines = [
    `${r.program} ended with ${r.signal ?? r.exit_code}; ${r.calls} calls of AscendCL were seen (${r.mechanism})`,
    `CANN ${cann.version ?? 'of unknown version'} in ${cann.folder}${cann.version_file === null ? '' : ` (${cann.version_file})`}`,
    ...cann.libraries.map((file) => `  calls go on to ${file}`),
    `linked: ${linked.functions} functions`,
    ...linked.callers.map((c) => `  ${c.library}: ${c.functions} functions, ${c.reaches_us ? 'caught' : 'NOT caught'}`),
    `by name (dlsym${by_name.works ? '' : ', which is NOT seen'}): ${Object.keys(by_name.lookups).length} functions`,
    `launches: ${counted(r.launches)}`,
    `operators of aclnn by name: ${counted(r.operators)}`,
    `unknown functions that went past: ${counted(r.unknown)}`,
    ...(Object.keys(r.missing).length > 0 ? [`functions that this CANN lacks: ${counted(r.missing)}`] : []),
    ...r.interposers.map((i) => `another library: ${i.library} (${i.why})`),
    r.problems.length === 0 ? 'no problems' : 'problems:',
    ...r.problems.map((problem) => `  ${problem}`),
  ]
  return lines.map((line) => `flexnpu: ${line}\n`).join('')
}
