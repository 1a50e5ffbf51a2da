/** Device memory by tenant: requests are admitted up to the quota, whatever virtual NPU asks. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CoreHost } from './core-host.ts'

function hostWithQuota(quota: bigint): CoreHost {
  const host = new CoreHost()
  host.device()
  host.tenant(1, 1000, quota)
  host.vnpu(0, 1)
  host.vnpu(1, 1)
  return host
}

test('a tenant holds at most its quota, and every request has one answer with its number', () => {
  const step = fc.record({ free: fc.boolean(), bytes: fc.bigInt({ min: 0n, max: 900n }), vnpu: fc.nat(1) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const host = hostWithQuota(1000n)
      let held = 0n
      steps.forEach(({ free, bytes, vnpu }, i) => {
        if (free) {
          const back = bytes > held ? held : bytes
          expect(host.send({ kind: 'MEM_FREE', bytes: back, vnpu })).toEqual([])
          held -= back
          return
        }
        const answer = host.send({ kind: 'MEM_ALLOC', request: BigInt(i), bytes, vnpu })
        const fits = held + bytes <= 1000n
        expect(answer).toMatchObject([{ kind: fits ? 'ADMIT' : 'DENY', value: BigInt(i), stream: vnpu }])
        if (fits) held += bytes
      })
    }),
  )
})

test('no quota admits everything that can be counted; a smaller quota denies what comes then', () => {
  const host = hostWithQuota(0n)
  const ask = (bytes: bigint): string | undefined =>
    host.send({ kind: 'MEM_ALLOC', request: 1n, bytes, vnpu: 0 })[0]?.kind
  expect(ask(1n << 62n)).toBe('ADMIT')
  host.tenant(1, 1000, 1n << 40n)
  expect(ask(1n)).toBe('DENY')
  host.send({ kind: 'MEM_FREE', bytes: 1n << 62n, vnpu: 1 })
  expect(ask(1n << 40n)).toBe('ADMIT')
  expect(ask(1n)).toBe('DENY')
  expect(ask(2n ** 64n - 1n)).toBe('DENY')
})
