/** What an administrator asks of a daemon, over the socket. */
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { statusSchema } from '../../host-node/daemon/status.ts'
import { hello, Raw, startControl } from './connected.ts'

const isStatus = new Ajv().compile(statusSchema)

test('a status has the published shape', async () => {
  const { socket } = await startControl()
  await new Raw(socket).ask(hello)
  const { status } = await new Raw(socket).ask({ admin: 'status' })
  expect(isStatus(status) ? null : isStatus.errors).toBe(null)
  expect(status).toMatchObject({
    clients: [{ number: 1, pid: 100, uid: 1000 }],
    counters: { connections: 2, requests: 2 },
  })
})

test('a watch sends statuses until the watcher goes, and other requests between them', async () => {
  const { socket, core } = await startControl()
  const raw = new Raw(socket)
  expect(await raw.ask({ admin: 'watch', interval_ms: 20 })).toHaveProperty('status')
  core.setPolicy({ policy: 'fair', parameters: [5n] })
  for (;;) {
    const { status } = (await raw.next()) as { status: { device: { policy: string } } }
    if (status.device.policy === 'fair') break
  }
  raw.send({ admin: 'policy', policy: 'passthrough' })
  for (;;) if ((await raw.next()).ok === true) break
  expect(core.choice.policy).toBe('passthrough')
})

test('a policy with its parameters; one that is none changes nothing', async () => {
  const { socket, core } = await startControl()
  const raw = new Raw(socket)
  const params = { prefill_permille: 250, window_ns: '0xffffffffffffffff' }
  expect(await raw.ask({ admin: 'policy', policy: 'static-split', params })).toEqual({
    ok: true,
    policy: 'static-split',
  })
  expect(core.choice).toEqual({ policy: 'static-split', parameters: [250n, 0n, 2n ** 64n - 1n, 0n] })
  const before = core.choice
  expect(await raw.ask({ admin: 'policy', policy: 'nice' })).toMatchObject({
    error: expect.stringMatching(/unknown policy/),
  })
  expect(await raw.ask({ admin: 'policy', policy: 'fair', params: { x: 1 } })).toEqual({
    error: 'x=1: policy fair has window_ns',
  })
  expect(core.choice).toBe(before)
})

test('only root and the owner of the daemon may ask; a refusal does not end the connection', async () => {
  const { socket, core, peer } = await startControl()
  peer.uid = 4000
  const other = new Raw(socket)
  for (const request of [
    { admin: 'status' },
    { admin: 'policy', policy: 'fair' },
    { admin: 'stop' },
    { admin: 'watch' },
  ]) {
    expect(await other.ask(request)).toEqual({ error: 'user 4000 may not administer this daemon' })
  }
  expect(core.choice.policy).toBe('passthrough')
  expect(await other.ask(hello)).toMatchObject({ welcome: 1 })
  peer.uid = 0
  expect(await new Raw(socket).ask({ admin: 'status' })).toHaveProperty('status')
})

test('stop is answered, then done', async () => {
  let stopped = 0
  const { socket } = await startControl({ onStop: () => stopped++ })
  expect(await new Raw(socket).ask({ admin: 'stop' })).toEqual({ ok: true })
  await new Promise(setImmediate)
  expect(stopped).toBe(1)
})
