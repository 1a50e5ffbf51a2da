/**
 * `flexnpu debug`: the browser debugger for a recording, or for a daemon that runs. Serves until interrupted; with
 * --static, writes a page that needs no server.
 */
import type { Command } from 'commander'
import { askStatus } from '../daemon/control-client.ts'
import { Page } from '../debug/page.ts'
import { checkRecording } from '../debug/recording.ts'
import { serveDebugger } from '../debug/server.ts'
import { writeStatic } from '../debug/static.ts'
import { describeDamage } from '../log/errors.ts'
import { artefacts, requireBuilt } from './artefacts.ts'
import { wholeNumber } from './daemon.ts'
import { findSocket } from './daemons.ts'
import { EXIT_BAD_INPUT, UserError } from './errors.ts'
import { collectSignals } from './interrupts.ts'

interface DebugOptions {
  static?: string
  attach?: string | boolean
  port: number
  host: string
  json?: boolean
}

export function addDebug(program: Command): void {
  program
    .command('debug')
    .summary('look at a recording, or at a daemon, in a browser')
    .description(
      'Serve the debugger with a recording, or with the events of a daemon that runs, until interrupted.\n' +
        'Exit code 2: the recording is unreadable or torn (the good part is shown).',
    )
    .argument('[file]', 'recording (.flexlog, also gzipped)')
    .option('--static <dir>', 'write the page with the recording into a folder instead; it opens without a server')
    .option('--attach [socket]', 'look at a daemon (default: FLEXNPU_DAEMON, or the only daemon that runs)')
    .option('--port <n>', 'port; 0 takes a free one', wholeNumber('port', 0, 65_535), 0)
    .option('--host <address>', 'address to listen on; another than this lets other machines in', '127.0.0.1')
    .option('--json', 'print {url, file, socket, pid}; with --static {page, file}')
    .action(async (file: string | undefined, options: DebugOptions) => {
      const attaches = options.attach !== undefined
      if ((file === undefined) !== attaches) throw new UserError('name a recording, or --attach a daemon')
      if (attaches && options.static !== undefined) throw new UserError('--static is for a recording')
      requireBuilt(artefacts.core, 'the scheduling core')
      const page = new Page(artefacts.page, artefacts.core)
      if (file !== undefined) return withFile(page, file, options)
      const socket = await findSocket(typeof options.attach === 'string' ? options.attach : undefined)
      await askStatus(socket)
      return serve(page, { socket }, options)
    })
}

async function withFile(page: Page, file: string, options: DebugOptions): Promise<void> {
  const { bytes, damage } = checkRecording(file)
  if (damage !== undefined) process.stderr.write(`flexnpu: ${describeDamage(file, damage)}\n`)
  if (options.static === undefined) await serve(page, { file }, options)
  else {
    const out = writeStatic(page, file, bytes, options.static)
    process.stdout.write(options.json === true ? `${JSON.stringify({ page: out, file })}\n` : `${out}\n`)
  }
  if (damage !== undefined) process.exitCode = EXIT_BAD_INPUT
}

async function serve(page: Page, what: { file?: string; socket?: string }, options: DebugOptions): Promise<void> {
  const { signal, done } = collectSignals()
  const server = await serveDebugger({ page, ...what, host: options.host, port: options.port })
  const { url } = server
  process.stdout.write(options.json === true ? `${JSON.stringify({ url, ...what, pid: process.pid })}\n` : `${url}\n`)
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  await server.close()
  done()
}
