/**
 * `flexnpu run`: starts an unmodified program under FlexNPU and says afterwards what was caught. Standard output is the
 * program's own; with --json its last line is ours.
 */
import { Option, type Command } from 'commander'
import { findSocket } from './daemons.ts'
import { launch, exitAs, type RunOutcome } from './launch.ts'
import { planRun, type RunOptions, type RunPlan } from './plan.ts'
import { DEFAULT_POLICY, policyHelp } from './policy.ts'

/** At most so many messages of faults are printed; the rest is counted. */
const SHOWN_FAULTS = 10

export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run a program under FlexNPU')
    .description('Run an unmodified AscendCL program under FlexNPU. Its exit code is the exit code.')
    .usage('[options] -- PROGRAM [ARGUMENTS...]')
    .argument('<program...>', 'the program and its arguments')
    .option('--policy <policy>', `scheduling policy (default: ${DEFAULT_POLICY})`)
    .option('--policy-param <name=value...>', 'parameter of the policy; may be repeated', collect)
    .option('--record <file>', 'write a recording (.flexlog) for replay and inspect')
    .option(
      '--npu <sim|path>',
      'simulated NPU, or the real libascendcl.so or its folder (default: where CANN installs it)',
    )
    .addOption(new Option('--role <role>', 'what the process serves').choices(['prefill', 'decode']))
    .option('--daemon [socket]', 'on the device of a daemon (default: FLEXNPU_DAEMON, or the only daemon that runs)')
    .option('--direct', 'without FlexNPU, for comparison')
    .option('--drop-in', 'stand in by library path instead of preloading')
    .option('--json', 'print {exit_code, signal, wall_ms, faults, calls, record} as the last line of standard output')
    .addHelpText('after', policyHelp)
    .passThroughOptions()
    .action(async (command: string[], options: Omit<RunOptions, 'daemon'> & { daemon?: string | true }) => {
      const { daemon, ...rest } = options
      const socket = daemon === undefined ? undefined : await findSocket(daemon === true ? undefined : daemon)
      const plan = planRun(command, socket === undefined ? rest : { ...rest, daemon: socket }, process.env)
      const outcome = await launch(plan)
      report(plan, outcome, options.json === true)
      exitAs(outcome)
    })
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function report(plan: RunPlan, outcome: RunOutcome, json: boolean): void {
  const { stats } = outcome
  if (!plan.direct)
    process.stderr.write(
      summaryLines(plan, outcome)
        .map((line) => `flexnpu: ${line}\n`)
        .join(''),
    )
  if (!json) return
  const result = {
    exit_code: outcome.exit_code,
    signal: outcome.signal,
    wall_ms: Math.round(outcome.wall_ms * 1000) / 1000,
    faults: stats?.faults ?? null,
    fault_messages: stats?.fault_messages ?? [],
    calls: stats?.calls ?? null,
    missing: stats?.missing ?? null,
    unknown: stats?.unknown ?? null,
    policy: plan.policy,
    record: plan.record,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

function summaryLines(plan: RunPlan, { stats, signal }: RunOutcome): string[] {
  if (stats === null) {
    const why = signal === null ? 'it may be statically linked, or not use AscendCL' : `${signal} ended it`
    return [`${plan.name} left no report: ${why}`]
  }
  const calls = Object.values(stats.calls).reduce((sum, count) => sum + count, 0)
  const recorded = plan.record === null ? '' : `, recorded in ${plan.record}`
  const lines = [
    `${calls} AscendCL calls ${plan.policy === null ? 'through the daemon' : `under ${plan.policy}`}${recorded}`,
  ]
  if (stats.faults > 0) {
    lines.push(`${stats.faults} ${stats.faults === 1 ? 'fault' : 'faults'} while it ran:`)
    lines.push(...stats.fault_messages.slice(0, SHOWN_FAULTS).map((message) => `  ${message}`))
  }
  const unknown = Object.keys(stats.unknown)
  if (unknown.length > 0) lines.push(`calls that FlexNPU does not know went past it: ${unknown.join(', ')}`)
  return lines
}
