/** What `flexnpu top` draws: the figures of a status, and frames that never leave the terminal. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frame, screenLines } from '../../host-node/cli/screen.ts'
import type { Status } from '../../host-node/daemon/status.ts'
import { showBytes } from '../../host-node/tenants/sizes.ts'
import { FakeCore } from './fake-core.ts'

function status(running_ns: number): Status {
  const core = new FakeCore()
  core.tenants = {
    tenants: [
      { number: 1, name: 'serv\x1b[2Jing', weight: 750, priority: 2, stream_limit: 64, hbm_bytes: 2 ** 30, allow: [] },
    ],
  }
  core.setPolicy({ policy: 'fair', parameters: [7n] })
  core.clientAdd({ pid: 77, uid: 1, gid: 1 }, core.tenants.tenants[0]!, '')
  const s = { pid: 9, since: '', ...core.status() }
  for (const t of s.tenants) t.running_ns = running_ns
  return s
}

test('the figures of a status, and how busy a tenant was since the one before', () => {
  const lines = screenLines(status(600_000_000), status(100_000_000), 1000)
  expect(lines[0]).toBe(
    'device 0  Ascend910B2  policy fair window_ns=7  decode share 300 ‰  HBM 1.0 GiB of 64.0 GiB  clients 1  daemon 9',
  )
  expect(lines[3]?.split(/ {2,}/)).toEqual(['serv?[2Jing', '750', '2', '50 %', '1.0 MiB/1.0 GiB', '1/64', '3'])
  expect(lines[6]?.split(/ {2,}/)).toEqual(['1', 'serv?[2Jing', '77', 'decode', '88 %', '3', '2', '105', '100'])
  expect(screenLines(status(5))[3]).toMatch(/ - /)
})

test('a frame fits the terminal, whatever its size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', ' ', 'z') }), { minLength: 1 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 30 }),
      (lines, columns, rows) => {
        const drawn = frame(lines, columns, rows)
          .replaceAll(/\p{Cc}\[[HKJ]/gu, '')
          .split('\r\n')
        expect(drawn.length).toBe(Math.min(lines.length, rows))
        for (const line of drawn) expect(line.length).toBeLessThanOrEqual(columns)
        if (lines.length <= rows) expect(drawn).toEqual(lines.map((line) => line.slice(0, columns)))
      },
    ),
  )
  expect(showBytes(1023)).toBe('1023 B')
})
