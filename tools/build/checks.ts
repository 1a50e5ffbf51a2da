/** Checks that are no tests: rules, format, types. Each says what it found, or nothing. */
import { writeGenerated } from '../generate.ts'
import { npmProgram, path, run } from './steps.ts'

export interface Check {
  name: string
  run: () => Promise<string | undefined>
}

/** Folders of TypeScript that we write. AssemblyScript's decorators on functions are no TypeScript; asc checks it. */
const sources = ['spec', 'tools', 'host-node', 'host-browser', 'npu-sim', 'bench', 'test']

const program = (name: string, command: string, args: string[]): Check => ({
  name,
  run: async () => {
    try {
      await run(npmProgram(command), args)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  },
})

export const checks: Check[] = [
  program('lint (oxlint)', 'oxlint', ['--deny-warnings', ...sources]),
  program('format (oxfmt)', 'oxfmt', ['--check', ...sources]),
  {
    name: 'types (tsc)',
    run: async () => {
      writeGenerated(path('build', 'gen'))
      return program('', 'tsc', ['-p', 'tsconfig.json', '--noEmit']).run()
    },
  },
]
