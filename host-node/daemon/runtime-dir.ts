/**
 * Where daemons have their sockets, and what is left of daemons that are gone. A socket that nobody listens on is of a
 * dead daemon and is replaced; one that answers is never touched. Nothing is removed that is not ours by name and owner.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'

/** Linux: sun_path holds 108 bytes with its end. */
const MOST_PATH_BYTES = 107

/** Folder of the sockets of this user. */
export function runtimeDir(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string {
  if (uid === 0) return '/run/flexnpu'
  const xdg = env.XDG_RUNTIME_DIR
  return xdg !== undefined && xdg.startsWith('/') ? join(xdg, 'flexnpu') : join(tmpdir(), `flexnpu-${uid}`)
}

/** Socket of the daemon of a device. */
export const socketPath = (device: number, dir = runtimeDir()): string => join(dir, `npu${device}.sock`)

/** Makes the folder. One that somebody else owns or could write to is refused: he could put his socket there. */
export function makeRuntimeDir(dir: string, mode = 0o700): void {
  try {
    mkdirSync(dir, { recursive: true, mode })
    const { uid } = process.getuid === undefined ? { uid: 0 } : { uid: process.getuid() }
    const there = lstatSync(dir)
    if (!there.isDirectory()) throw new UserError(`${dir}: not a folder`)
    if (there.uid !== uid) throw new UserError(`${dir}: belongs to user ${there.uid}, not to user ${uid}`)
    chmodSync(dir, mode)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${dir}: cannot be made (${codeOf(error)})`)
  }
}

/** Whether somebody listens on the socket. */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true))
    socket.once('error', (error) => end(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error) ?? ''))())
  })
}

/** Makes room for a socket: removes that of a dead daemon. Throws UserError where a living one, or no socket, is there. */
export async function claimSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    throw new UserError(`${path}: longer than the ${MOST_PATH_BYTES} bytes that a socket's path may have`)
  }
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isSocket()) throw new UserError(`${path}: is there and is no socket; not removed`)
  if (await listens(path)) throw new UserError(`${path}: a daemon already listens there`)
  rmSync(path, { force: true })
  rmSync(`${path}.bell`, { force: true })
}

/** Sockets in a folder, by name, whether or not somebody listens. */
export function socketsIn(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isSocket())
      .map((entry) => join(dir, entry.name))
      .sort()
  } catch {
    return []
  }
}

/** Files of clients: flexnpu.UID.PID.NUMBER. */
const FILE = /^flexnpu\.([0-9]{1,10})\.([0-9]{1,10})\.[0-9]{1,10}$/

/** Whether a process is there; one that is somebody else's is. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/**
 * Removes files of clients that are gone: regular files whose owner is the one in their name and whose process is no
 * more. Of other users' only where we may (root). The names of what was removed.
 */
export function removeLeftovers(dir = '/dev/shm', alive: (pid: number) => boolean = lives): string[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch {
    return []
  }
  const us = process.getuid?.() ?? 0
  return names.filter((name) => {
    const parts = FILE.exec(name)
    if (parts === null) return false
    const [uid, pid] = [Number(parts[1]), Number(parts[2])]
    if (pid < 1 || pid > 0x7fffffff || (us !== 0 && uid !== us) || alive(pid)) return false
    const path = join(dir, name)
    const there = lstatSync(path, { throwIfNoEntry: false })
    if (there === undefined || !there.isFile() || there.uid !== uid) return false
    try {
      rmSync(path)
      return true
    } catch {
      return false
    }
  })
}

/** The folder of a socket, made where it is the default one; another must be there. */
export function prepareFolder(path: string, standard: string): void {
  const dir = dirname(path)
  if (dir === standard) makeRuntimeDir(dir)
  else if (!lstatSync(dir, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${dir}: no such folder (--socket)`)
}
