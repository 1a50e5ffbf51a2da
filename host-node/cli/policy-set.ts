/** `flexnpu policy set`: another policy for a daemon that runs, from its next decision on. */
import type { Command } from 'commander'
import { policyParameters } from '../../spec/records.ts'
import { ask } from '../daemon/control-client.ts'
import { collect } from './daemon.ts'
import { findSocket } from './daemons.ts'
import { choosePolicy, policyHelp } from './policy.ts'

export function addPolicy(program: Command): void {
  program
    .command('policy')
    .description('Policies of a daemon that runs.')
    .command('set')
    .summary('choose the scheduling policy of a daemon')
    .description('Choose the scheduling policy of a daemon that runs. It holds until the next one is chosen.')
    .argument('<name>', 'policy')
    .option('--policy-param <name=value...>', 'parameter of the policy; may be repeated', collect)
    .option('--socket <path>', "the daemon's socket (default: FLEXNPU_DAEMON, or the only daemon that runs)")
    .option('--json', 'print {socket, policy, params}')
    .addHelpText('after', policyHelp)
    .action(async (name: string, options: { policyParam?: string[]; socket?: string; json?: boolean }) => {
      const { parameters } = choosePolicy(name, options.policyParam ?? [])
      const socket = await findSocket(options.socket)
      const known = policyParameters[name] ?? []
      const params = Object.fromEntries(known.map((p, i) => [p.name, `0x${(parameters[i] ?? 0n).toString(16)}`]))
      await ask(socket, { admin: 'policy', policy: name, params })
      const shown = Object.fromEntries(known.map((p, i) => [p.name, Number(parameters[i] ?? 0n)]))
      process.stdout.write(
        options.json === true ? `${JSON.stringify({ socket, policy: name, params: shown })}\n` : `${socket}: ${name}\n`,
      )
    })
}
