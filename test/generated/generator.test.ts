/**
 * build/gen is what the generator writes today, from any folder and in any time zone, and nothing else: the build compiles
 * every C file below build/gen/shim, so a file that is no longer generated would stay in the library.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { filesBelow, npmProgram, path } from '../../tools/build/steps.ts'
import { temporaryFolder } from './c.ts'

const stale = 'build/gen is not what spec/ generates: run `npm run build`, or remove what is left over'

const names = (folder: string): string[] => filesBelow(folder).map((file) => relative(folder, file))

test('build/gen is byte for byte what the generator writes', () => {
  const fresh = temporaryFolder()
  const built = path('build', 'gen')
  const env = { ...process.env, TZ: 'Asia/Kathmandu' }
  execFileSync(npmProgram('tsx'), [path('tools', 'generate.ts'), fresh], { cwd: fresh, env, stdio: 'pipe' })
  expect(names(built), stale).toEqual(names(fresh))
  expect(names(fresh)).toContain('c/records.h')
  for (const name of names(fresh))
    expect(readFileSync(join(built, name), 'utf8'), `${name}: ${stale}`).toBe(readFileSync(join(fresh, name), 'utf8'))
})
