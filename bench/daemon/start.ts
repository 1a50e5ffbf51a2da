/** A daemon on a simulated device for benchmarks, and how programs are sent to it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { path } from '../../tools/build/steps.ts'

export interface RunningDaemon {
  /** Environment that makes a program its client. */
  clientEnv: Record<string, string>
  stop: () => Promise<void>
}

/** Starts a daemon whose device runs at `speed` (FLEXNPU_SIM_SPEED); resolves when it is ready. */
export async function startDaemon(speed: string, args: string[]): Promise<RunningDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-bench-daemon-'))
  const socket = join(folder, 'd.sock')
  const cli = path('build', 'js', 'host-node', 'cli', 'main.js')
  const all = [cli, 'daemon', '--npu', 'sim', '--socket', socket, '--json', '--log-level', 'error', ...args]
  const daemon = spawn(process.execPath, all, {
    env: { ...process.env, FLEXNPU_SIM_SPEED: speed },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(daemon, 'exit')
  process.on('exit', () => daemon.kill()) // a benchmark that fails leaves none behind
  await Promise.race([
    once(daemon.stdout, 'data'),
    ended.then(([code]) => {
      throw new Error(`the daemon ended with ${String(code)}`)
    }),
  ])
  return {
    clientEnv: { FLEXNPU_DAEMON: socket, LD_PRELOAD: path('build', 'host-shim', 'libflexnpu.so') },
    stop: async () => {
      daemon.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
