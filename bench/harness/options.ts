/** What every benchmark understands: --json (one object on standard output), --quick (a moment's run, for CI). */
import { parseArgs } from 'node:util'

/** Options of a benchmark. */
export interface BenchOptions {
  json: boolean
  quick: boolean
}

/** Parses the command line; prints the usage and ends with exit code 2 where it is not understood. */
export function options(name: string, args: readonly string[] = process.argv.slice(2)): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
    })
    return values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`bench ${name}: ${reason}\nusage: npm run bench -- ${name} [--json] [--quick]\n`)
    return process.exit(2)
  }
}
