/** Sockets and files of daemons and clients that are gone are found and removed; nothing else ever is. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  claimSocket,
  listens,
  makeRuntimeDir,
  removeLeftovers,
  runtimeDir,
  socketPath,
  socketsIn,
} from '../../host-node/daemon/runtime-dir.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { startControl } from './connected.ts'

const uid = process.getuid?.() ?? 0

/** Leaves a socket as a daemon does that is killed: bound, and nobody listens. */
function deadSocket(path: string): void {
  const script = `const s = require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' })
  } catch {
    // It was killed, as it should be.
  }
}

test('where sockets are: root, a user with a runtime directory, one without', () => {
  expect(runtimeDir({ XDG_RUNTIME_DIR: '/run/user/5' }, 0)).toBe('/run/flexnpu')
  expect(runtimeDir({ XDG_RUNTIME_DIR: '/run/user/5' }, 5)).toBe('/run/user/5/flexnpu')
  expect(runtimeDir({ XDG_RUNTIME_DIR: 'relative' }, 5)).toMatch(/\/flexnpu-5$/)
  expect(socketPath(3, '/run/flexnpu')).toBe('/run/flexnpu/npu3.sock')
})

test('the folder is made for its owner alone; one that is a link or a file is refused', () => {
  const folder = temporaryFolder()
  const dir = join(folder, 'flexnpu')
  makeRuntimeDir(dir)
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  const open = join(folder, 'open')
  mkdirSync(open, { mode: 0o755 })
  makeRuntimeDir(open)
  expect(statSync(open).mode & 0o777).toBe(0o700)
  symlinkSync(dir, join(folder, 'link'))
  expect(() => makeRuntimeDir(join(folder, 'link'))).toThrow(/not a folder/)
})

test('a dead socket is replaced, with its doorbell', async () => {
  const path = join(temporaryFolder(), 'npu0.sock')
  deadSocket(path)
  writeFileSync(`${path}.bell`, '')
  expect(existsSync(path)).toBe(true)
  expect(await listens(path)).toBe(false)
  await claimSocket(path)
  expect([existsSync(path), existsSync(`${path}.bell`)]).toEqual([false, false])
})

test('a living daemon is never replaced, and is named', async () => {
  const { socket, control } = await startControl()
  await expect(claimSocket(socket)).rejects.toThrow(`${socket}: a daemon already listens there`)
  await expect(startControl({ socket })).rejects.toThrow(socket)
  expect(await listens(socket)).toBe(true)
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  expect(socketsIn(join(socket, '..'))).toEqual([socket])
  expect(control.status().pid).toBe(process.pid)
})

test('a file that is no socket is not removed, and a path that is too long is refused', async () => {
  const file = join(temporaryFolder(), 'precious')
  writeFileSync(file, 'data')
  await expect(claimSocket(file)).rejects.toThrow(/no socket; not removed/)
  expect(existsSync(file)).toBe(true)
  await expect(claimSocket(`/tmp/${'x'.repeat(200)}`)).rejects.toThrow(/longer than the 107 bytes/)
})

test('leftovers: regular files of processes that are gone, whose owner is who their name says', () => {
  const dir = temporaryFolder()
  const make = (name: string): string => {
    writeFileSync(join(dir, name), '')
    return name
  }
  const gone = make(`flexnpu.${uid}.4000.0`)
  const kept = [
    make(`flexnpu.${uid}.5000.0`),
    make(`flexnpu.${uid + 1}.4000.0`),
    make(`flexnpu.${uid}.4000`),
    make(`flexnpu.${uid}.4000.0.bak`),
    make('other'),
  ]
  const link = `flexnpu.${uid}.4000.1`
  symlinkSync(join(dir, 'other'), join(dir, link))
  mkdirSync(join(dir, `flexnpu.${uid}.4000.2`))
  expect(removeLeftovers(dir, (pid) => pid === 5000)).toEqual([gone])
  expect(existsSync(join(dir, gone))).toBe(false)
  for (const name of [...kept, link, `flexnpu.${uid}.4000.2`]) expect(existsSync(join(dir, name))).toBe(true)
})
