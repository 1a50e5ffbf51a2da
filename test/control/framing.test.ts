/** The control socket's lines: how they are cut, what ends a connection, and that nobody else notices. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadLine, Lines, LINE_BYTES } from '../../host-node/daemon/lines.ts'
import { parseMessage } from '../../host-node/daemon/messages.ts'
import { hello, Raw, startControl, until } from './connected.ts'

test('lines are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll('\n', ''))),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        const reader = new Lines()
        const got: string[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length] as number
          got.push(...reader.take(bytes.subarray(at, at + length)))
          at += length
        }
        expect(got).toEqual(lines)
      },
    ),
  )
})

test('a line as long as the limit passes, a longer one does not, ended or not', () => {
  const longest = Buffer.alloc(LINE_BYTES, 'x')
  expect([...new Lines().take(Buffer.concat([longest, Buffer.from('\n')]))]).toEqual([String(longest)])
  expect(() => [...new Lines().take(Buffer.alloc(LINE_BYTES + 1, 'x'))]).toThrow(BadLine)
  const reader = new Lines()
  expect([...reader.take(longest)]).toEqual([])
  expect(() => [...reader.take(Buffer.from('y'))]).toThrow(/more than 65536 bytes/)
})

test('whatever a line holds, it is a message or a BadLine', () => {
  const keys = fc.constantFrom('hello', 'ring', 'pin', 'unpin', 'admin', 'pid', 'role', 'thread', '__proto__')
  const near = fc.dictionary(keys, fc.jsonValue()).map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), near), (line) => {
      try {
        expect(['hello', 'ring', 'pin', 'unpin', 'admin']).toContain(parseMessage(line).kind)
      } catch (error) {
        expect(error).toBeInstanceOf(BadLine)
      }
    }),
    { numRuns: 2000 },
  )
})

test('garbage closes its connection with a logged reason; the others go on', async () => {
  const { socket, log, core } = await startControl()
  const good = new Raw(socket)
  expect(await good.ask(hello)).toMatchObject({ welcome: 1 })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
      const before = log.length
      const bad = new Raw(socket)
      bad.socket.write(Buffer.concat([Buffer.from(bytes), Buffer.from('\n')]))
      await bad.closed
      await until(() => log.length > before)
      expect(log.at(-1)?.why).toMatch(/^a /)
      expect(bad.lines).toEqual([])
    }),
    { numRuns: 50 },
  )
  expect(await good.ask({ ring: '/dev/shm/flexnpu.1000.100.0', thread: 7 })).toEqual({ ring: 0 })
  expect([...core.clients.keys()]).toEqual([1])
})

test.each([
  ['a line without end', 'x'.repeat(LINE_BYTES + 1), /more than 65536 bytes/],
  ['no JSON', '{"hello":1', /no JSON$/],
  ['no object', '[1]', /no JSON object/],
  ['a message of no kind', '{"hallo":1}', /no known kind/],
  ['another version', '{"hello":2,"pid":1}', /bad hello message/],
  ['a field that is not known', '{"hello":1,"pid":1,"rolle":""}', /bad hello message/],
  ['a role that is none', '{"hello":1,"pid":1,"role":"train"}', /bad hello message/],
  ['a ring before hello', '{"ring":"/dev/shm/flexnpu.1.1.1","thread":1}', /ring before hello/],
])('%s closes the connection', async (_, text, why) => {
  const { socket, log, core } = await startControl()
  const bad = new Raw(socket)
  bad.send(text)
  await bad.closed
  expect(log.at(-1)).toMatchObject({ msg: 'connection closed', why: expect.stringMatching(why) })
  expect(core.clients.size).toBe(0)
})

test('garbage after hello gives the client back, once; what follows is not looked at', async () => {
  const { socket, core } = await startControl()
  const raw = new Raw(socket)
  await raw.ask(hello)
  raw.send('garbage\n{"ring":"/dev/shm/flexnpu.1000.100.0","thread":1}')
  await raw.closed
  await until(() => core.removed.length > 0)
  expect(core.removed).toEqual([1])
  expect(raw.lines).toHaveLength(1)
})

test('a peer that reads no answers is closed', async () => {
  const { socket, log } = await startControl()
  const raw = new Raw(socket)
  raw.socket.pause()
  raw.socket.write('{"admin":"status"}\n'.repeat(20_000))
  await until(() => log.some(({ why }) => why === 'does not read its answers'))
  raw.socket.destroy()
})
