/** What the debugger's server gives, and to whom. */
import { gzipSync } from 'node:zlib'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { userOf } from '../../host-node/debug/peers.ts'
import { checkRecording } from '../../host-node/debug/recording.ts'
import { LogWriter } from '../../host-node/log/writer.ts'
import { path } from '../../tools/build/steps.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { get, serve, Socket } from './served.ts'

/** A file with `text` in a folder where there is another. */
function beside(text: string): { file: string; folder: string } {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'secret.flexlog'), 'secret')
  const file = join(folder, 'a b%.flexlog')
  writeFileSync(file, text)
  return { file, folder }
}

test('serves the page, the core and the one recording; its address opens both', async () => {
  const { file } = beside('recorded')
  const { server, port } = await serve({ file })
  const { search } = new URL(server.url)
  const log = new URLSearchParams(search).get('log')!
  const got = await get(port, `/${log.split('/').map(encodeURIComponent).join('/')}`)
  expect(got.body.toString()).toBe('recorded')
  expect(got.headers['content-length']).toBe('8')
  expect((await get(port, `/${search}`)).body.toString()).toContain('<div id="app">')
  expect((await get(port, '/core.wasm')).body.equals(readFileSync(path('build', 'core.wasm')))).toBe(true)
  expect((await get(port, '/assets/font.woff2')).headers['content-type']).toBe('font/woff2')
  expect(await get(port, '/')).toMatchObject({ status: 302, headers: { location: `/${search}` } })
  expect(await get(port, '/index.html', {}, 'HEAD')).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(await get(port, '/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
})

test('nothing else on the disk can be had, however it is asked for', async () => {
  const { file, folder } = beside('recorded')
  const { port } = await serve({ file })
  const secret = join(folder, 'secret.flexlog')
  for (const address of [
    '/secret.flexlog',
    '/../secret.flexlog',
    '/log/../secret.flexlog',
    '/%2e%2e/secret.flexlog',
    '/..%2fsecret.flexlog',
    '/assets/../../secret.flexlog',
    '/assets/..%5c..%5csecret.flexlog',
    `/${secret}`,
    `/%2f${encodeURIComponent(secret)}`,
    '/assets',
    '/assets/',
    '/%00',
    '/%',
    '//etc/passwd',
    '/etc/passwd',
    `http://127.0.0.1:${port}/../secret.flexlog`,
    '?log=secret.flexlog/../secret.flexlog%00',
  ]) {
    const { status, body } = await get(port, address)
    expect({ address, is: [302, 400, 404].includes(status) || body.toString().includes('id="app"') }).toEqual({
      address,
      is: true,
    })
    expect(body.toString()).not.toContain('secret')
  }
})

test('answers to its own names only, so that no other site can read it by making its name point here', async () => {
  const { file } = beside('recorded')
  const { port } = await serve({ file })
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example'])
    expect(await get(port, '/a%20b%25.flexlog', { host })).toMatchObject({ status: 421 })
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    expect(await get(port, '/a%20b%25.flexlog', { host })).toMatchObject({ status: 200 })
})

test('scripts of the page are named by their hashes, and others embed nothing of it', async () => {
  const { file } = beside('recorded')
  const { port } = await serve({ file })
  const { headers } = await get(port, '/index.html')
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'wasm-unsafe-eval' blob: 'sha256-[^']{44}';/)
  expect(headers).toMatchObject({ 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff' })
})

test('a WebSocket is for the page of this server, at its one address', async () => {
  const { file } = beside('recorded')
  const attached = await serve({ socket: join(temporaryFolder(), 'none.sock') })
  for (const origin of ['http://evil.example', 'null', `http://localhost:${attached.port}`, `https://${attached.host}`])
    expect(await new Socket(attached.host, { origin }).ended).toEqual({ status: 403 })
  expect(await new Socket(attached.host, {}).ended).toEqual({ status: 403 })
  const rebound = { origin: `http://evil.example:${attached.port}`, host: `evil.example:${attached.port}` }
  expect(await new Socket(attached.host, rebound).ended).toEqual({ status: 421 })
  expect(await new Socket(attached.host, undefined, '/other').ended).toEqual({ status: 404 })
  const { host } = await serve({ file })
  expect(await new Socket(host).ended).toEqual({ status: 404 })
})

test('knows whose process is at the other end of a connection', async () => {
  const { port } = await serve()
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const there = { remoteAddress: '127.0.0.1', remotePort: socket.localPort }
  expect(userOf(there)).toBe(process.getuid?.())
  expect(userOf({ remoteAddress: '127.0.0.1', remotePort: 1 })).toBeUndefined()
  expect(userOf({ remoteAddress: '203.0.113.7', remotePort: 1 })).toBeUndefined()
  socket.destroy()
})

test('a recording is looked at before: foreign and missing ones are refused, torn and packed ones can be shown', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'x.flexlog')
  const writer = new LogWriter(file, { start_unix_ns: 0n, core_hash: new Uint8Array(32), json: {} })
  writer.writeStats({ calls: 1 })
  writer.close({ decision_hash: 0n, state_hash: 0n })
  const whole = readFileSync(file)
  expect(checkRecording(file)).toEqual({ bytes: whole.length })
  writeFileSync(join(folder, 'x.gz'), gzipSync(whole))
  expect(checkRecording(join(folder, 'x.gz')).damage).toBeUndefined()
  truncateSync(file, whole.length - 3)
  expect(checkRecording(file).damage).toMatchObject({ kind: 'torn' })
  writeFileSync(file, 'text')
  expect(() => checkRecording(file)).toThrow(/not a FlexNPU recording/)
  writeFileSync(file, gzipSync('text'))
  expect(() => checkRecording(file)).toThrow(/not a FlexNPU recording/)
  writeFileSync(file, Uint8Array.of(0x1f, 0x8b, 1, 2, 3))
  expect(() => checkRecording(file)).toThrow(/cannot be unpacked/)
  expect(() => checkRecording(join(folder, 'none'))).toThrow(/none: no such file/)
  expect(() => checkRecording(folder)).toThrow(/is no file/)
})
