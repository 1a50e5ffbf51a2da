/** Which daemon is meant: the one named by --socket, or by FLEXNPU_DAEMON, or the only one that is there. */
import { listens, runtimeDir, socketsIn } from '../daemon/runtime-dir.ts'
import { UserError } from './errors.ts'

/** Sockets in the runtime directory that somebody listens on. */
export async function livingSockets(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const sockets = socketsIn(runtimeDir(env))
  const alive = await Promise.all(sockets.map((path) => listens(path)))
  return sockets.filter((_, i) => alive[i])
}

/** The socket of the daemon that is meant. Throws UserError that says how to name one. */
export async function findSocket(named: string | undefined, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (named !== undefined && named !== '') return named
  if (env.FLEXNPU_DAEMON !== undefined && env.FLEXNPU_DAEMON !== '') return env.FLEXNPU_DAEMON
  const [only, ...more] = await livingSockets(env)
  if (only === undefined) {
    throw new UserError(`no daemon runs in ${runtimeDir(env)}; start one with \`flexnpu daemon\`, or name its socket`)
  }
  if (more.length > 0) throw new UserError(`several daemons run; name one socket: ${[only, ...more].join(', ')}`)
  return only
}
