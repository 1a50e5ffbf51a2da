/** Clients on the control socket: who is let in, what they may ask for, and that they leave nothing behind. */
import { expect, test } from 'vitest'
import { errorCodes } from '../../spec/constants.ts'
import { parseTenants } from '../../host-node/tenants/tenants.ts'
import { hello, Raw, startControl, until } from './connected.ts'

const two = `tenants:
  - {name: serving, allow: [{uid: 1000}]}
  - {name: batch, allow: [{gid: 50}, {uid: 7, gid: 8}]}
`
const tenants = parseTenants(two, 'two.yaml')

const file = (n: number): string => `/dev/shm/flexnpu.1000.100.${n}`

test('a client is let in as the tenant of its credentials, whatever it says of itself', async () => {
  const { socket, core, peer } = await startControl({ tenants })
  const answer = await new Raw(socket).ask({ ...hello, pid: 5 })
  expect(answer).toEqual({ welcome: 1, device: 0, soc: 'Ascend910B2', device_count: 1 })
  Object.assign(peer, { pid: 200, uid: 3, gid: 50 })
  expect(await new Raw(socket).ask(hello)).toMatchObject({ welcome: 2 })
  const seen = [...core.clients.values()].map((c) => [c.tenant.name, c.peer.pid, c.role])
  expect(seen).toEqual([
    ['serving', 100, 'decode'],
    ['batch', 200, 'decode'],
  ])
})

test('a peer of no tenant is refused with an AscendCL error, and the connection ends', async () => {
  const { socket, core, peer, log } = await startControl({ tenants })
  Object.assign(peer, { uid: 7, gid: 9 })
  const raw = new Raw(socket)
  expect(await raw.ask(hello)).toEqual({
    refused: errorCodes.ACL_ERROR_RT_NO_PERMISSION,
    why: 'no tenant allows user 7, group 9, and there is no default tenant',
  })
  await raw.closed
  expect(core.clients.size).toBe(0)
  expect(log.at(-1)?.msg).toBe('refused')
})

test('a connection whose credentials cannot be had is closed without a word', async () => {
  const { socket, log } = await startControl({
    peer: () => {
      throw new Error('peer credentials: -107')
    },
  })
  const raw = new Raw(socket)
  await raw.closed
  expect(raw.lines).toEqual([])
  expect(log.at(-1)?.msg).toMatch(/peer cannot be known/)
})

test('rings and pins: in order, one line each; a refusal does not end the client', async () => {
  const { socket, core } = await startControl()
  const raw = new Raw(socket)
  for (const message of [
    hello,
    { ring: file(0), thread: 9 },
    { ring: file(404), thread: 9 },
    { ring: file(666), thread: 9 },
    { ring: '/dev/shm/flexnpu.0.100.0', thread: 9 },
    { pin: file(1), address: '0xffff800000000000', bytes: 4096 },
    { pin: file(2), address: '0xffffffffffffffff', bytes: 2 },
    { unpin: '0xffff800000000000' },
    { unpin: 4096 },
    { ring: file(3), thread: 10 },
  ]) {
    raw.send(message)
  }
  const answers = []
  for (let i = 0; i < 10; i++) answers.push(await raw.next())
  const invalid = errorCodes.ACL_ERROR_RT_PARAM_INVALID
  expect(answers).toMatchObject([
    { welcome: 1 },
    { ring: 0 },
    { refused: invalid, why: 'no such file' },
    { refused: errorCodes.ACL_ERROR_INTERNAL_ERROR, why: 'a defect of the core' },
    { refused: errorCodes.ACL_ERROR_RT_NO_PERMISSION },
    { pin: 0 },
    { refused: invalid, why: 'a range that is empty or beyond the address space' },
    { unpin: '0xffff800000000000' },
    { refused: invalid, why: 'not pinned' },
    { ring: 1 },
  ])
  expect(core.clients.get(1)?.pins.size).toBe(0)
})

test.each([
  '/etc/passwd',
  '/dev/shm/../../etc/passwd',
  '/dev/shm/flexnpu.1000.100.0/../x',
  '/dev/shm/flexnpu.1000.100.0\n',
  '/dev/shm/other.1000.100.0',
])('a path that is not a client file closes the connection: %j', async (path) => {
  const { socket, core } = await startControl()
  const raw = new Raw(socket)
  await raw.ask(hello)
  raw.send({ ring: path, thread: 1 })
  await raw.closed
  await until(() => core.removed.length === 1)
  expect(raw.lines).toHaveLength(1)
})

test('a client that goes is given back; one that the core ends is closed', async () => {
  const { socket, core, control, log } = await startControl()
  const [first, second] = [new Raw(socket), new Raw(socket)]
  await first.ask(hello)
  await second.ask(hello)
  first.socket.destroy()
  await until(() => core.removed.length === 1)
  expect(core.removed).toEqual([1])
  control.expel(2, 'a record of kind 77')
  await second.closed
  expect(core.removed).toEqual([1, 2])
  expect(log.at(-1)).toMatchObject({ client: 2, why: 'a record of kind 77' })
  expect(control.status().counters).toMatchObject({ connections: 2, expelled: 1 })
})
