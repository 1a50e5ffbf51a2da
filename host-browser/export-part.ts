/** What is written into files, which few visits need: a script of its own (state/parts.ts). */
import { chromeTrace } from './lib/chrome-trace.ts'
import { csv } from './lib/csv.ts'

/** For the page and for the worker. */
export interface Export {
  chromeTrace: typeof chromeTrace
  csv: typeof csv
}

Object.assign(globalThis, { flexnpuExport: { chromeTrace, csv } satisfies Export })
