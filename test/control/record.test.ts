/** A recording on the control socket: bytes behind the answer, an end for whoever does not keep up. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { decodeFrameHeader } from '../../host-node/log/frame.ts'
import { FRAME_HEADER_BYTES } from '../../spec/log.ts'
import { Raw, startControl, until } from './connected.ts'

const MIB = 1024 * 1024

test('bytes follow the answer, until the debugger goes', async () => {
  const { socket, core } = await startControl()
  const one = connect(socket)
  const got: Buffer[] = []
  one.on('data', (chunk: Buffer) => got.push(chunk))
  one.write('{"admin":"record"}\n')
  await until(() => core.listeners.size === 1)
  for (const listener of core.listeners) listener(Uint8Array.of(0, 255, 10, 65))
  const answer = '{"ok":true,"after_event":7}\n'
  await until(() => Buffer.concat(got).length === answer.length + 4)
  const all = Buffer.concat(got)
  expect(all.subarray(0, answer.length).toString()).toBe(answer)
  expect([...all.subarray(answer.length)]).toEqual([0, 255, 10, 65])
  one.destroy()
  await until(() => core.listeners.size === 0)
})

test('one that does not keep up is dropped, with the reason as its last frame; others go on', async () => {
  const { socket, core, log, control } = await startControl()
  const slow = connect(socket).pause()
  const other = new Raw(socket)
  slow.write('{"admin":"record"}\n')
  await until(() => core.listeners.size === 1)
  const [listener] = core.listeners
  const piece = new Uint8Array(MIB)
  let sent = 0
  for (; core.listeners.size > 0 && sent < 1000; sent++) listener!(piece)
  expect(sent).toBeLessThan(100)
  expect(log.some(({ msg }) => /did not keep up/.test(msg))).toBe(true)
  expect(control.status().counters).toMatchObject({ dropped: 1 })
  expect(await other.ask({ admin: 'status' })).toHaveProperty('status')
  const got: Buffer[] = []
  slow.on('data', (chunk: Buffer) => got.push(chunk))
  slow.resume()
  await new Promise((resolve) => slow.once('close', resolve))
  const all = Buffer.concat(got)
  const last = all.subarray(all.indexOf('\n') + 1 + sent * MIB)
  expect(decodeFrameHeader(last.subarray(0, FRAME_HEADER_BYTES))).toMatchObject({ type: 5 })
  expect(JSON.parse(last.subarray(FRAME_HEADER_BYTES).toString())).toEqual({
    ended: 'the debugger did not keep up, the daemon dropped it',
  })
})

test('is for administrators, from where there is one, and nothing else goes over its connection', async () => {
  const { socket, core, peer } = await startControl()
  expect(await new Raw(socket).ask({ admin: 'record', from: 'start' })).toEqual({ error: 'no recording' })
  const one = new Raw(socket)
  expect(await one.ask({ admin: 'record', from: 'now' })).toEqual({ ok: true, after_event: 7 })
  one.send({ admin: 'status' })
  await one.closed
  expect(core.listeners.size).toBe(0)
  peer.uid = 4000
  expect(await new Raw(socket).ask({ admin: 'record' })).toMatchObject({ error: expect.stringMatching(/4000/) })
})
