/**
 * A daemon from its options to its end: checks all of them, claims the socket, opens the device, and serves until it is
 * asked to stop. The device comes from outside (`OpenCore`), so that all of this is tested without one. A socket is
 * claimed before the device is opened: a second daemon for the same device does not touch it.
 */
import { pino, type Logger } from 'pino'
import { UserError } from '../cli/errors.ts'
import { choosePolicy, DEFAULT_POLICY, type PolicyChoice } from '../cli/policy.ts'
import { tenantSet } from '../tenants/change.ts'
import { openToAll, readTenants, type Tenants } from '../tenants/tenants.ts'
import { Control } from './control.ts'
import type { DaemonCore } from './daemon-core.ts'
import type { Peer } from './executor.ts'
import { claimSocket, prepareFolder, removeLeftovers, runtimeDir, socketPath } from './runtime-dir.ts'

/** Options of `flexnpu daemon`, as commander gives them. */
export interface DaemonOptions {
  device: number
  npu?: string
  config?: string
  policy?: string
  policyParam?: string[]
  record?: string
  socket?: string
  socketMode?: number
  logLevel: string
  json?: boolean
}

export interface OpenRequest {
  device: number
  npu: string | undefined
  /** The control socket; the doorbell is beside it. */
  socket: string
  record: string | undefined
  log: Logger
  /** The core has ended a client by itself. */
  onExpel: (client: number, why: string) => void
  /** The core cannot go on; the daemon ends with exit code 1. */
  onFailure: (error: unknown) => void
}

/** Opens the device: its core, and who is at the other end of a socket. Throws UserError. */
export type OpenCore = (request: OpenRequest) => Promise<{ core: DaemonCore; peer: (fd: number) => Peer }>

/** How the daemon ends: with the first code that somebody gives. */
class Ending {
  #resolve!: (code: number) => void
  readonly code = new Promise<number>((resolve) => {
    this.#resolve = resolve
  })

  with(code: number): void {
    this.#resolve(code)
  }
}

/** Serves until SIGTERM, SIGINT or {"admin":"stop"}; the exit code. */
export async function serve(options: DaemonOptions, open: OpenCore, env = process.env): Promise<number> {
  const tenants = options.config === undefined ? openToAll() : readTenants(options.config)
  const policy = firstPolicy(options, tenants)
  const standard = runtimeDir(env)
  const socket = options.socket ?? socketPath(options.device, standard)
  const log = pino({ level: options.logLevel, base: { pid: process.pid, device: options.device } }, pino.destination(2))
  prepareFolder(socket, standard)
  await claimSocket(socket)

  const end = new Ending()
  let control: Control | undefined
  const { core, peer } = await open({
    device: options.device,
    npu: options.npu,
    socket,
    record: options.record,
    log,
    onExpel: (client, why) => control?.expel(client, why),
    onFailure: (error) => {
      log.fatal({ err: error }, 'the core cannot go on')
      end.with(1)
    },
  })
  try {
    core.reload(tenants, tenants.tenants.map(tenantSet))
    const { config, socketMode } = options
    control = new Control({
      socket,
      core,
      tenants: { ...tenants, policy },
      peer,
      log,
      ...(config === undefined ? {} : { readTenants: (before: Tenants) => readTenants(config, before) }),
      ...(socketMode === undefined ? {} : { mode: socketMode }),
      onStop: () => end.with(0),
    })
    control.setPolicy(policy)
    const removed = removeLeftovers()
    if (removed.length > 0) log.info({ files: removed.length }, 'removed what clients that are gone left in /dev/shm')
    await control.listen()
    const detach = onSignals(control, log, () => end.with(0))
    if (options.json === true) {
      process.stdout.write(
        `${JSON.stringify({ socket, pid: process.pid, device: options.device, policy: policy.policy })}\n`,
      )
    }
    log.info({ socket, policy: policy.policy, tenants: tenants.tenants.length }, 'ready')
    const code = await end.code
    detach()
    await control.close()
    log.info('stopped')
    return code
  } finally {
    await core.stop()
  }
}

/** The command line's policy over the file's over ours. */
function firstPolicy(options: DaemonOptions, tenants: Tenants): PolicyChoice {
  if (options.policy === undefined && options.policyParam === undefined && tenants.policy !== undefined) {
    return tenants.policy
  }
  return choosePolicy(options.policy ?? tenants.policy?.policy ?? DEFAULT_POLICY, options.policyParam ?? [])
}

/** SIGHUP reads the tenants anew; SIGTERM and SIGINT end the daemon. */
function onSignals(control: Control, log: Logger, stop: () => void): () => void {
  const reload = (): void => {
    try {
      control.reload()
    } catch (error) {
      const known = error instanceof UserError
      log.error(known ? { why: error.message } : { err: error }, 'reload failed; nothing was changed')
    }
  }
  process.on('SIGHUP', reload).on('SIGTERM', stop).on('SIGINT', stop)
  return () => process.off('SIGHUP', reload).off('SIGTERM', stop).off('SIGINT', stop)
}
