/**
 * The commands of `flexnpu`, put together. Each command adds itself from its own file; here is only what they share:
 * how errors read and that options end where the program to run begins.
 */
import { Command } from 'commander'
import { version } from './artefacts.ts'
import { addInspect } from './inspect.ts'
import { addReplay } from './replay.ts'
import { addRun } from './run.ts'

export function createProgram(): Command {
  const program = new Command('flexnpu')
    .description('User-space virtualization of Huawei Ascend NPUs that knows prefill from decode.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `flexnpu: ${text
            .replace(/^error: /, '')
            .trim()
            .replaceAll('\n', ' ')}\n`,
        ),
    })
  addRun(program)
  addReplay(program)
  addInspect(program)
  return program
}
