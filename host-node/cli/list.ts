/** `flexnpu list`: the daemons of this user, found by their sockets. */
import type { Command } from 'commander'
import { askStatus } from '../daemon/control-client.ts'
import { runtimeDir } from '../daemon/runtime-dir.ts'
import type { Status } from '../daemon/status.ts'
import { showBytes } from '../tenants/sizes.ts'
import { livingSockets } from './daemons.ts'
import { UserError } from './errors.ts'
import { columns } from './columns.ts'

/** A daemon, or why it says nothing of itself. */
export type Listed = { socket: string; status: Status } | { socket: string; error: string }

export function addList(program: Command): void {
  program
    .command('list')
    .summary('list the daemons that run')
    .description('List the daemons of this user, found by the sockets in the runtime directory.')
    .option('--json', 'print [{socket, pid, device, clients, streams} or {socket, error}]')
    .action(async (options: { json?: boolean }) => {
      const sockets = await livingSockets()
      const found = await listed(sockets)
      process.stdout.write(options.json === true ? `${JSON.stringify(found.map(short))}\n` : table(found))
      if (found.length === 0 && options.json !== true) process.stderr.write(`no daemon runs in ${runtimeDir()}\n`)
    })
}

/** What the daemons at these sockets say of themselves. */
export const listed = (sockets: readonly string[]): Promise<Listed[]> => Promise.all(sockets.map(asked))

async function asked(socket: string): Promise<Listed> {
  try {
    return { socket, status: await askStatus(socket) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { socket, error: error.message }
  }
}

function short(found: Listed): object {
  if ('error' in found) return found
  const { socket, status } = found
  const { pid, since, device, clients, streams } = status
  return { socket, pid, since, device, clients: clients.length, streams: streams.length }
}

/** The daemons as people read them. */
export function table(found: Listed[]): string {
  if (found.length === 0) return ''
  const rows = found.map((one) => {
    if ('error' in one) return ['-', '-', '-', '-', '-', '-', one.error]
    const { pid, device: d, clients, streams } = one.status
    const hbm = `${showBytes(d.hbm_used_bytes)} of ${showBytes(d.hbm_bytes)}`
    return [
      String(d.number),
      d.chip,
      d.policy,
      String(clients.length),
      String(streams.length),
      hbm,
      `${one.socket} (${pid})`,
    ]
  })
  return `${columns([['DEVICE', 'CHIP', 'POLICY', 'CLIENTS', 'STREAMS', 'HBM', 'SOCKET (PID)'], ...rows]).join('\n')}\n`
}
