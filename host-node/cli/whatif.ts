/** `flexnpu whatif`: what a recording would have been under another policy (host-browser/lib/what-if). */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { WhatIf, WhatIfError, type DecisionSide, type WhatIfResult } from '../../host-browser/lib/what-if/what-if.ts'
import { PolicyIdNames } from '../../build/gen/ts/records.ts'
import { policyIds, policyParameters } from '../../spec/records.ts'
import { Core } from '../core/core.ts'
import { describeDamage } from '../log/errors.ts'
import { readRun } from '../log/run.ts'
import { shownDecision, shownLine } from '../log/shown.ts'
import { LogWriter } from '../log/writer.ts'
import { coreWasm } from './artefacts.ts'
import { collect } from './daemon.ts'
import { EXIT_BAD_INPUT, UserError } from './errors.ts'
import { choosePolicy, policyHelp } from './policy.ts'
import { comparisonTable } from './whatif-table.ts'

interface WhatIfOptions {
  policy: string
  policyParam?: string[]
  record?: string
  json?: boolean
}

export function addWhatIf(program: Command): void {
  program
    .command('whatif')
    .summary('run a recording again under another policy')
    .description(
      'Run the programs of a recording again under another policy, on a device that takes the recorded times, and\n' +
        'compare TTFT, TPOT and throughput. Also runs the recorded policy so, which shows how far the model is off.\n' +
        'Exit code 2: the recording is unreadable or torn (the good part is used).',
    )
    .argument('<file>', 'recording (.flexlog)')
    .requiredOption('--policy <name>', 'policy of the new run')
    .option('--policy-param <name=value...>', 'parameter of the policy; may be repeated', collect)
    .option('--record <out>', 'write the new run as a recording, too')
    .option('--json', 'print {policy, params, recorded, model, whatif, first_difference, recovered, notes, torn}')
    .addHelpText('after', policyHelp)
    .action((file: string, options: WhatIfOptions) => {
      const { policy, parameters } = choosePolicy(options.policy, options.policyParam ?? [])
      if (options.record !== undefined && existsSync(options.record)) throw new UserError(`${options.record}: exists`)
      const { run, header, damage } = readRun(file)
      const core = new Core(coreWasm())
      let result: WhatIfResult
      try {
        result = new WhatIf(run).run(core, { policy: policyIds[policy] as number, parameters, model: true })
      } catch (error) {
        if (error instanceof WhatIfError) throw new UserError(`${file}: ${error.message}`)
        throw error
      }
      if (options.record !== undefined) {
        const json = { host: 'what-if', of: file, policy, policy_params: parameters.map(String) }
        write(options.record, core, result, { ...header, json })
      }
      const { recorded, model, whatif, recovered, notes } = result
      const known = policyParameters[policy] ?? []
      const shown = {
        policy,
        params: Object.fromEntries(known.map(({ name }, i) => [name, Number(parameters[i] ?? 0n)])),
        recorded_policy: policyName(result.recorded_policy),
        recorded,
        model,
        whatif,
        first_difference: difference(result),
        recovered,
        notes,
        ...(damage && { torn: damage }),
      }
      process.stdout.write(options.json === true ? `${JSON.stringify(shown)}\n` : text(file, shown, result))
      if (damage) process.stderr.write(`flexnpu: ${describeDamage(file, damage)}\n`)
      process.exitCode = damage ? EXIT_BAD_INPUT : 0
    })
}

const policyName = (policy: number): string =>
  (PolicyIdNames[policy] ?? String(policy)).toLowerCase().replaceAll('_', '-')

function write(
  file: string,
  core: Core,
  { run }: WhatIfResult,
  header: { start_unix_ns: bigint; json: unknown },
): void {
  let writer: LogWriter
  try {
    writer = new LogWriter(file, { ...header, core_hash: Buffer.from(core.hash, 'hex') })
  } catch (error) {
    throw new UserError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  core.reset()
  writer.writeEvents(run.events)
  writer.writeDecisions(core.feed(run.events), core.decisionHash())
  writer.close({ decision_hash: core.decisionHash(), state_hash: core.stateHash() })
}

const side = (of: DecisionSide | null): object | null =>
  of && { decision: of.decision, event: of.event, time_ns: of.time_ns, ...shownDecision(of.record) }

function difference({ first_difference: first }: WhatIfResult): object | null {
  return first && { recorded: side(first.recorded), whatif: side(first.whatif) }
}

const line = (of: DecisionSide | null): string =>
  of === null ? '(none)' : `${(of.time_ns / 1e6).toFixed(3)} ms  ${shownLine(shownDecision(of.record))}`

function text(file: string, shown: { policy: string; recorded_policy: string }, result: WhatIfResult): string {
  const { first_difference: first, notes } = result
  const lines = [
    `${file}: recorded under ${shown.recorded_policy}, run again under ${shown.policy}`,
    comparisonTable(result, shown.recorded_policy, shown.policy),
    first === null
      ? 'No decision differs.'
      : `first difference: decision ${(first.recorded ?? first.whatif)?.decision}`,
    ...(first === null ? [] : [`  recorded  ${line(first.recorded)}`, `  what-if   ${line(first.whatif)}`]),
    ...notes.map((note) => `note: ${note}`),
  ]
  return lines.map((l) => `${l}\n`).join('')
}
