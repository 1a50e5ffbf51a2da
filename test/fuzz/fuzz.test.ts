/** `npm run fuzz` for a moment: mutated records end their sender at most, with a reason, under every policy. */
import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { buildAll } from '../../tools/build/all.ts'
import { npmProgram, path } from '../../tools/build/steps.ts'
import { policies } from '../shim/run.ts'

beforeAll(buildAll)

test.each(policies)('under %s mutated records harm nobody but their sender', (policy) => {
  const args = ['--records', '50000', '--seed', '20260604', '--policy', policy, '--json']
  const { status, stdout, stderr } = spawnSync(npmProgram('tsx'), [path('test', 'fuzz', 'main.ts'), ...args], {
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  const { records, clients, expelled, reasons } = JSON.parse(stdout) as Record<string, number>
  expect(records).toBeGreaterThanOrEqual(50_000)
  expect(expelled).toBeGreaterThan((clients as number) / 2)
  expect(Object.keys(reasons as unknown as object)).toEqual(
    expect.arrayContaining([
      'a record of kind N',
      'arguments longer than their ring',
      'a file that it shares was made shorter',
    ]),
  )
})
