/**
 * The daemon's Unix socket: who may connect, as which tenant, and the changes an administrator makes while it runs. A
 * change is checked whole before any of it is carried out; one that fails changes nothing and is said.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from 'pino'
import { errorCodes } from '../../spec/constants.ts'
import { UserError } from '../cli/errors.ts'
import { choosePolicy, type PolicyChoice } from '../cli/policy.ts'
import { change, gone } from '../tenants/change.ts'
import { match, type Tenants } from '../tenants/tenants.ts'
import { Connection, type Answers } from './connection.ts'
import { Refusal, type DaemonCore } from './daemon-core.ts'
import type { Peer } from './executor.ts'
import type { AdminRequest, Hello } from './messages.ts'
import { claimSocket } from './runtime-dir.ts'
import type { Status } from './status.ts'

export interface ControlOptions {
  socket: string
  core: DaemonCore
  tenants: Tenants
  /** Who is at the other end of a connected socket, by its file descriptor; throws where nobody is any more. */
  peer: (fd: number) => Peer
  log: Logger
  /** Reads the tenants anew, keeping the numbers of those given; undefined where the daemon has no file. */
  readTenants?: (before: Tenants) => Tenants
  /** Mode of the socket; other users connect only where it and its folder let them. */
  mode?: number
  /** Who may administer beside root: whom the daemon runs as. */
  uid?: number
  /** Somebody asked it to stop. */
  onStop?: () => void
}

export class Control {
  readonly #options: ControlOptions
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  readonly #answers: Answers
  readonly #since = new Date()
  readonly #counters = { connections: 0, refused: 0, broken: 0, expelled: 0, dropped: 0, requests: 0, reloads: 0 }
  #tenants: Tenants

  constructor(options: ControlOptions) {
    this.#options = options
    this.#tenants = options.tenants
    this.#server = createServer((socket) => this.#connected(socket))
    const { core } = options
    const owner = options.uid ?? process.getuid?.() ?? 0
    this.#answers = {
      hello: (peer, hello) => this.#hello(peer, hello),
      ring: (client, path, thread) => core.ringAdd(client, path, thread),
      pin: (client, path, address, bytes) => core.pinAdd(client, path, address, bytes),
      unpin: (client, address) => core.pinRemove(client, address),
      leave: (client, ring) => core.ringRemove(client, ring),
      admin: (request) => this.#admin(request),
      record: (from) => core.record(from),
      status: () => this.status(),
      mayAdminister: (peer) => peer.uid === 0 || peer.uid === owner,
      gone: (connection) => {
        this.#connections.delete(connection)
        if (connection.client !== undefined) core.clientRemove(connection.client)
      },
      count: (what) => void this.#counters[what]++,
    }
  }

  /** Begins to listen. Throws UserError where a daemon is there already, or no socket can be made. */
  async listen(): Promise<void> {
    const { socket, mode = 0o600 } = this.#options
    await claimSocket(socket)
    await new Promise<void>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void =>
        reject(new UserError(`${socket}: cannot listen there (${error.code ?? error.message})`))
      this.#server.once('error', failed)
      this.#server.listen(socket, () => {
        this.#server.off('error', failed)
        this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'control socket'))
        resolve()
      })
    })
    chmodSync(socket, mode)
  }

  /** Ends all connections and removes the socket. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of this.#connections) connection.finish()
    await ended
    rmSync(this.#options.socket, { force: true })
  }

  /** The core has ended a client: its connection goes too. */
  expel(client: number, why: string): void {
    const connection = [...this.#connections].find((c) => c.client === client)
    if (connection === undefined) return
    this.#counters.expelled++
    connection.close(why)
  }

  status(): Status {
    const { counters, ...status } = this.#options.core.status()
    const since = this.#since.toISOString()
    return { pid: process.pid, since, ...status, counters: { ...counters, ...this.#counters } }
  }

  /** Reads the tenants anew; what changed. Throws UserError, and then nothing has changed. */
  reload(): { events: number; disconnected: number } {
    const { core, log, readTenants } = this.#options
    if (readTenants === undefined) throw new UserError('this daemon has no tenants file to read (--config)')
    const before = this.#tenants
    const after = readTenants(before)
    const events = change(before, after)
    const leaving = new Set(gone(before, after).map((t) => t.number))
    const lost = [...this.#connections].filter((c) => c.tenant !== undefined && leaving.has(c.tenant.number))
    for (const connection of lost) connection.close(`tenant ${connection.tenant?.name} is gone`)
    core.reload(after, events)
    const policy = after.policy ?? before.policy
    this.#tenants = { ...after, ...(policy === undefined ? {} : { policy }) }
    this.#counters.reloads++
    log.info({ events: events.length, disconnected: lost.length }, 'tenants reloaded')
    return { events: events.length, disconnected: lost.length }
  }

  setPolicy(choice: PolicyChoice): void {
    this.#options.core.setPolicy(choice)
    this.#tenants = { ...this.#tenants, policy: choice }
    this.#options.log.info({ policy: choice.policy, parameters: choice.parameters.map(String) }, 'policy set')
  }

  #connected(socket: Socket): void {
    const { log } = this.#options
    let peer: Peer
    try {
      const { _handle: handle } = socket as Socket & { _handle: { fd: number } | null }
      if (handle === null) throw new Error('closed')
      peer = this.#options.peer(handle.fd)
    } catch (error) {
      log.warn({ err: error }, 'a connection whose peer cannot be known')
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    this.#counters.connections++
    this.#connections.add(new Connection(socket, peer, this.#answers, log))
  }

  #hello(peer: Peer, hello: Hello): ReturnType<Answers['hello']> {
    const tenant = match(this.#tenants, peer)
    if ('why' in tenant) throw new Refusal(errorCodes.ACL_ERROR_RT_NO_PERMISSION as number, tenant.why)
    const { core, log } = this.#options
    const client = core.clientAdd(peer, tenant, hello.role ?? '')
    log.info({ ...peer, client, tenant: tenant.name, role: hello.role }, 'client connected')
    return { client, tenant, welcome: core.welcome }
  }

  #admin(request: Exclude<AdminRequest, { admin: 'watch' | 'record' }>): object {
    if (request.admin === 'status') return { status: this.status() }
    if (request.admin === 'reload') return { ok: true, ...this.reload() }
    if (request.admin === 'policy') {
      const settings = Object.entries(request.params ?? {}).map(([name, value]) => `${name}=${BigInt(value)}`)
      this.setPolicy(choosePolicy(request.policy, settings, ''))
      return { ok: true, policy: request.policy }
    }
    setImmediate(() => this.#options.onStop?.())
    return { ok: true }
  }
}
