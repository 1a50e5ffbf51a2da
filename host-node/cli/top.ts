/**
 * `flexnpu top`: a live table on a terminal, one status elsewhere. The terminal is left as it was found, however this
 * ends: on a screen of its own, cursor and input mode restored.
 */
import type { Command } from 'commander'
import { askStatus, watch } from '../daemon/control-client.ts'
import { collectSignals } from './interrupts.ts'
import { wholeNumber } from './daemon.ts'
import { findSocket } from './daemons.ts'
import { UserError } from './errors.ts'
import { print } from './print.ts'
import { frame, screenLines } from './screen.ts'
import type { Status } from '../daemon/status.ts'

interface TopOptions {
  json?: boolean
  interval: number
  once?: boolean
  socket?: string
}

export function addTop(program: Command): void {
  program
    .command('top')
    .summary('watch a daemon')
    .description('Show tenants and streams of a daemon, again and again; q quits. Elsewhere than on a terminal, once.')
    .option('--json', 'print statuses as JSON, one a line, until interrupted; with --once, one')
    .option('--interval <ms>', 'time between two statuses', wholeNumber('interval', 20, 3_600_000), 500)
    .option('--once', 'show one status and end')
    .option('--socket <path>', "the daemon's socket (default: FLEXNPU_DAEMON, or the only daemon that runs)")
    .action(async (options: TopOptions) => {
      const socket = await findSocket(options.socket)
      const once = options.once === true || (options.json !== true && !process.stdout.isTTY)
      if (once) {
        const status = await askStatus(socket)
        await print(options.json === true ? `${JSON.stringify(status)}\n` : `${screenLines(status).join('\n')}\n`)
      } else if (options.json === true) await stream(socket, options.interval)
      else await live(socket, options.interval)
    })
}

async function stream(socket: string, interval_ms: number): Promise<void> {
  const { signal, done } = collectSignals()
  try {
    for await (const status of watch(socket, interval_ms, signal)) await print(`${JSON.stringify(status)}\n`)
  } finally {
    done()
  }
}

async function live(socket: string, interval_ms: number): Promise<void> {
  const { stdin, stdout } = process
  const { signal, stop, done } = collectSignals()
  let last: Status | undefined
  let lines: string[] = []
  const draw = (): void => void stdout.write(frame(lines, stdout.columns, stdout.rows))
  const key = (keys: Buffer): void => {
    // q, Q, or the interrupt key, which is no signal in raw mode.
    if (keys.some((byte) => byte === 0x71 || byte === 0x51 || byte === 0x03)) stop()
  }
  const raw = stdin.isTTY
  stdout.write('\x1b[?1049h\x1b[?25l')
  stdout.on('resize', draw)
  if (raw) stdin.setRawMode(true).resume().on('data', key)
  try {
    let drawn = process.hrtime.bigint()
    for await (const status of watch(socket, interval_ms, signal)) {
      const now = process.hrtime.bigint()
      lines = screenLines(status, last, Number(now - drawn) / 1e6)
      drawn = now
      last = status
      draw()
    }
  } finally {
    stdout.off('resize', draw).write('\x1b[?25h\x1b[?1049l')
    if (raw) stdin.off('data', key).setRawMode(false).pause()
    done()
  }
  if (!signal.aborted) throw new UserError(`${socket}: the daemon is gone`)
}
