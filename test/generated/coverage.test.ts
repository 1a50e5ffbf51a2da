/** docs/coverage.md is what spec/, the simulator and the test programs make of it today. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { path } from '../../tools/build/steps.ts'
import { emitCoverage } from '../../tools/emit/coverage.ts'

test('docs/coverage.md is current', () => {
  const committed = readFileSync(path('docs', 'coverage.md'), 'utf8')
  expect(committed === emitCoverage(), 'docs/coverage.md is old: run `npx tsx tools/coverage.ts`').toBe(true)
})
