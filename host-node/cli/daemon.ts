/** `flexnpu daemon`: one device, many programs. Runs in the foreground; logs JSON lines to standard error. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { limits } from '../../spec/records.ts'
import { serve, type DaemonOptions, type OpenCore } from '../daemon/serve.ts'
import { DEFAULT_POLICY, policyHelp } from './policy.ts'

/** `open` gives the device; it is loaded only where a daemon is started. */
export function addDaemon(program: Command, open: () => Promise<OpenCore>): void {
  program
    .command('daemon')
    .summary('share a device among programs')
    .description(
      'Open a device and share it among programs (flexnpu run --daemon). Runs until SIGTERM or SIGINT; SIGHUP reads the\n' +
        'tenants file anew. Logs JSON lines to standard error.',
    )
    .option('--device <number>', 'device to open', wholeNumber('device', 0, limits.MAX_DEVICES - 1), 0)
    .option('--npu <sim|path>', 'simulated NPU, or the real libascendcl.so or its folder')
    .option('--config <file>', "tenants' file (YAML, docs/tenants.schema.json); without it, one tenant without limits")
    .option('--policy <policy>', `scheduling policy (default: the file's, or ${DEFAULT_POLICY})`)
    .option('--policy-param <name=value...>', 'parameter of the policy; may be repeated', collect)
    .option('--record <file>', 'write a recording (.flexlog) for replay and inspect')
    .option('--socket <path>', 'control socket (default: npuN.sock in the runtime directory)')
    .option('--socket-mode <octal>', 'mode of the socket (default: 600)', octal)
    .addOption(
      new Option('--log-level <level>', 'least level that is logged')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info'),
    )
    .option('--json', 'print {socket, pid, device, policy} on standard output when ready')
    .addHelpText('after', policyHelp)
    .action(async (options: DaemonOptions) => {
      process.exitCode = await serve(options, await open())
    })
}

export const collect = (value: string, before: string[] = []): string[] => [...before, value]

/** Parses an option that is a whole number in a range. */
export const wholeNumber =
  (what: string, least: number, most: number) =>
  (text: string): number => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`${what} must be a whole number from ${least} to ${most}.`)
  }

function octal(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw new InvalidArgumentError('The mode must be three octal digits, for example 660.')
}
