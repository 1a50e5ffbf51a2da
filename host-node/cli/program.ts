/**
 * The commands of `flexnpu`, put together. Each command adds itself from its own file; here is only what they share:
 * how errors read and that options end where the program to run begins.
 */
import { Command } from 'commander'
import { version } from './artefacts.ts'
import { addDaemon } from './daemon.ts'
import { addDoctor } from './doctor.ts'
import { addDebug } from './debug.ts'
import { addInspect } from './inspect.ts'
import { addList } from './list.ts'
import { addPolicy } from './policy-set.ts'
import { addReplay } from './replay.ts'
import { addRun } from './run.ts'
import { addTop } from './top.ts'
import { addWhatIf } from './whatif.ts'
import type { OpenCore } from '../daemon/serve.ts'

/** `open` gives the device that `flexnpu daemon` opens; the command is there only where one can be opened. */
export function createProgram(open?: () => Promise<OpenCore>): Command {
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
  addDoctor(program)
  addReplay(program)
  addInspect(program)
  addWhatIf(program)
  addDebug(program)
  if (open !== undefined) addDaemon(program, open)
  addList(program)
  addTop(program)
  addPolicy(program)
  return program
}
