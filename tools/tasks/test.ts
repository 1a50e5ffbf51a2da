/**
 * `npm test`: builds, then rules, format, types and every test (vitest). Ends with one line `N passed, N failed`, in
 * which each check and each test counts one. Arguments go to vitest, to run some tests only.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { buildAll } from '../build/all.ts'
import { checks } from '../build/checks.ts'
import { npmProgram, path } from '../build/steps.ts'

let passed = 0
let failed = 0

async function count(name: string, run: () => Promise<string | undefined>): Promise<void> {
  const problem = await run()
  process.stdout.write(problem === undefined ? `ok    ${name}\n` : `FAIL  ${name}\n${problem}\n`)
  if (problem === undefined) passed++
  else failed++
}

/** Runs vitest and adds its counts; a run that ends without a report is one failure. */
async function vitest(args: string[]): Promise<void> {
  const report = path('build', 'vitest.json')
  rmSync(report, { force: true })
  await new Promise<void>((resolve) => {
    const child = spawn(
      npmProgram('vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      { stdio: ['ignore', 'inherit', 'inherit'], cwd: path() },
    )
    child.on('close', () => resolve())
  })
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numTotalTests: number
      success: boolean
    }
    passed += result.numPassedTests
    failed += result.numFailedTests
    if (!result.success && result.numFailedTests === 0) failed++
  } catch {
    failed++
  }
}

await count('build', async () => {
  try {
    await buildAll()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
})
if (process.argv.length === 2) for (const check of checks) await count(check.name, check.run)
if (failed === 0 || process.argv.length > 2) await vitest(process.argv.slice(2))
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed > 0 ? 1 : 0)
