/**
 * The other end of the control socket, for `flexnpu list`, `top` and `policy set`: one request, one answer; or a watch,
 * which gives a status again and again. Whatever is wrong with the daemon is one UserError that names its socket.
 */
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'
import type { AdminRequest } from './messages.ts'
import type { Status } from './status.ts'

/** A daemon answers at once; one that does not is stopped or stuck. */
const ANSWER_MS = 5000

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => {
      const code = codeOf(error)
      const gone = code === 'ENOENT' || code === 'ECONNREFUSED'
      reject(new UserError(`${path}: ${gone ? 'no daemon listens there' : `cannot be connected to (${code})`}`))
    })
  })
}

function parsed(path: string, line: string): Record<string, unknown> {
  let answer: unknown
  try {
    answer = JSON.parse(line)
  } catch {
    throw new UserError(`${path}: answers in no language of ours`)
  }
  if (typeof answer !== 'object' || answer === null) throw new UserError(`${path}: answers in no language of ours`)
  if ('error' in answer) throw new UserError(`${path}: ${String(answer.error)}`)
  return answer as Record<string, unknown>
}

/** Asks once. Throws UserError where the daemon is not there, does not answer, or says no. */
export async function ask(path: string, request: AdminRequest): Promise<Record<string, unknown>> {
  for await (const answer of answers(path, request)) return answer
  throw new UserError(`${path}: the daemon closed the connection without an answer`)
}

/** Statuses until the daemon goes or the caller stops taking them. */
export async function* watch(path: string, interval_ms: number, signal?: AbortSignal): AsyncGenerator<Status> {
  for await (const answer of answers(path, { admin: 'watch', interval_ms }, interval_ms, signal))
    yield statusOf(path, answer)
}

export async function askStatus(path: string): Promise<Status> {
  return statusOf(path, await ask(path, { admin: 'status' }))
}

function statusOf(path: string, { status }: Record<string, unknown>): Status {
  if (typeof status !== 'object' || status === null) throw new UserError(`${path}: gave no status`)
  return status as Status
}

async function* answers(
  path: string,
  request: AdminRequest,
  interval_ms = 0,
  signal?: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  const socket = await open(path)
  let late = false
  socket.setTimeout(ANSWER_MS + interval_ms, () => {
    late = true
    socket.destroy()
  })
  socket.on('error', () => socket.destroy())
  const stop = (): void => void socket.destroy()
  signal?.addEventListener('abort', stop)
  const lines = createInterface({ input: socket, crlfDelay: Infinity })
  socket.once('close', () => lines.close())
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const line of lines) yield parsed(path, line)
    if (late) throw new UserError(`${path}: the daemon does not answer`)
  } finally {
    signal?.removeEventListener('abort', stop)
    lines.close()
    socket.destroy()
  }
}
