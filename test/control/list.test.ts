/** `flexnpu list`: a line a daemon; one that says nothing sensible is shown with the reason and hides no other. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listed, table } from '../../host-node/cli/list.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { hello, Raw, startControl } from './connected.ts'

test('daemons with what they say, and one that speaks another language', async () => {
  const { socket } = await startControl()
  await new Raw(socket).ask(hello)
  const strange = join(temporaryFolder(), 'strange.sock')
  const server = createServer((s) => s.end('HTTP/1.1 400\n'))
  await new Promise<void>((resolve) => server.listen(strange, resolve))
  const found = await listed([socket, strange])
  server.close()
  expect(found).toMatchObject([
    { socket, status: { pid: process.pid, device: { number: 0 } } },
    { socket: strange, error: `${strange}: answers in no language of ours` },
  ])
  const lines = table(found).split('\n')
  expect(lines[1]?.split(/ {2,}/)).toEqual([
    '0',
    'Ascend910B2',
    'passthrough',
    '1',
    '1',
    '1.0 GiB of 64.0 GiB',
    `${socket} (${process.pid})`,
  ])
  expect(lines[2]).toContain('answers in no language of ours')
})
