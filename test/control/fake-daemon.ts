/** The `flexnpu` command with a core that has no device, as a process: what `daemon` does is real but for that. */
import { UserError, userMessage } from '../../host-node/cli/errors.ts'
import { createProgram } from '../../host-node/cli/program.ts'
import type { OpenCore } from '../../host-node/daemon/serve.ts'
import { FakeCore } from './fake-core.ts'

const open: OpenCore = async ({ device, log }) => {
  if (device === 15) throw new UserError('device 15 does not open')
  const core = new FakeCore()
  const stop = core.stop.bind(core)
  core.stop = async () => {
    log.info('core stopped')
    await stop()
  }
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return { core, peer: () => ({ pid: 1, uid, gid }) }
}

try {
  await createProgram(async () => open).parseAsync()
} catch (error) {
  process.stderr.write(`flexnpu: ${userMessage(error) ?? String(error)}\n`)
  process.exitCode = 2
}
