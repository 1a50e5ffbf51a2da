/**
 * `flexnpu inspect`: what a recording holds, and with --events and --decisions its records. Reads the file once, with
 * bounded memory. A torn recording is shown as far as it is good, then named, with exit code 2.
 */
import { InvalidArgumentError, type Command } from 'commander'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { describeDamage } from '../log/errors.ts'
import { LogReader, type Frame } from '../log/reader.ts'
import { shownDecision, shownEvent, shownLine, type ShownRecord } from '../log/shown.ts'
import { LogSummary } from '../log/summary.ts'
import { EXIT_BAD_INPUT } from './errors.ts'
import { inspection, inspectionText } from './inspection.ts'
import { print } from './print.ts'

/** Records shown of each kind where --limit is not given. */
const DEFAULT_LIMIT = 100

interface InspectOptions {
  json?: boolean
  events?: boolean
  decisions?: boolean
  limit: number
}

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('show what a recording holds')
    .description(
      'Show what a recording holds: configuration, topology, streams and their phases, events, decisions and kernels.\n' +
        'Exit code 2: the recording is unreadable or torn (the good part is shown).',
    )
    .argument('<file>', 'recording (.flexlog)')
    .option('--events', 'show the events, too')
    .option('--decisions', 'show the decisions, too')
    .option('--limit <n>', 'at most so many of each; 0 is no limit', parseLimit, DEFAULT_LIMIT)
    .option('--json', 'print one JSON object; records as event_records and decision_records')
    .action(inspect)
}

function parseLimit(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text)
}

async function inspect(file: string, options: InspectOptions): Promise<void> {
  const reader = new LogReader(file)
  try {
    const summary = new LogSummary()
    const events = new RecordList('EVENTS', EVENT_BYTES, shownEvent, options.events ? options.limit : 0)
    const decisions = new RecordList('DECISIONS', DECISION_BYTES, shownDecision, options.decisions ? options.limit : 0)
    for (const frame of reader.frames()) {
      summary.add(frame)
      for (const list of [events, decisions]) {
        const records = list.take(frame)
        if (options.json === true) list.kept.push(...records)
        else if (records.length > 0) await print(records.map((record) => `${shownLine(record)}\n`).join(''))
      }
    }
    const result = inspection(reader, summary)
    if (options.json === true) {
      const lists = {
        ...(options.events && { event_records: events.kept }),
        ...(options.decisions && { decision_records: decisions.kept }),
      }
      await print(`${JSON.stringify({ ...result, ...lists })}\n`)
    } else {
      await print(inspectionText(result))
    }
    const { damage } = reader.end
    if (damage === undefined) return
    process.stderr.write(`flexnpu: ${describeDamage(file, damage)}\n`)
    process.exitCode = EXIT_BAD_INPUT
  } finally {
    reader.close()
  }
}

/** The first records of one kind of frame, up to a limit. */
class RecordList {
  /** For JSON, which is printed at the end. */
  readonly kept: ShownRecord[] = []
  readonly #frame: Frame['name']
  readonly #bytes: number
  readonly #show: (record: Uint8Array) => ShownRecord
  #left: number

  constructor(frame: Frame['name'], bytes: number, show: (record: Uint8Array) => ShownRecord, limit: number) {
    this.#frame = frame
    this.#bytes = bytes
    this.#show = show
    this.#left = limit
  }

  /** The records of a frame that are still wanted, each with its number. */
  take(frame: Frame): ShownRecord[] {
    if (frame.name !== this.#frame) return []
    const count = Math.min(frame.count, this.#left)
    this.#left -= count
    return Array.from({ length: count }, (_, i) => {
      const record = this.#show(frame.payload.subarray(i * this.#bytes, (i + 1) * this.#bytes))
      return { kind: record.kind ?? null, seq: Number(frame.first_seq) + i, ...record }
    })
  }
}
