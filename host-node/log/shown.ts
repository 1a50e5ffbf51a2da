/**
 * Events and decisions as people and JSON read them: enumerations by name, hashes in hex, other 64-bit numbers as
 * numbers where they are exact. A record whose kind is none (a fault that was recorded) is shown as its bytes.
 */
import {
  ChipNames,
  decodeDecision,
  decodeEvent,
  DecisionFlag,
  EventKind,
  FaultCodeNames,
  NONE,
  OpClassNames,
  PhaseEvidenceNames,
  PhaseNames,
  PhaseSourceNames,
  PolicyIdNames,
  RuleNames,
} from '../../build/gen/ts/records.ts'
import { apiNames } from '../../build/gen/ts/api-names.ts'

/** A record with readable values; `kind` comes first. */
export type ShownRecord = Record<string, string | number | null>

const eventNames = new Map<number, string>(Object.entries(EventKind).map(([name, number]) => [number, name]))

/** Enumerations by the field that holds them. */
const enumFields: Record<string, Record<number, string>> = {
  chip: ChipNames,
  evidence: PhaseEvidenceNames,
  op_class: OpClassNames,
  phase: PhaseNames,
  policy: PolicyIdNames,
  rule: RuleNames,
  source: PhaseSourceNames,
}

/** Shows one event of EVENT_BYTES. */
export function shownEvent(record: Uint8Array): ShownRecord {
  return shown(record, () => decodeEvent(viewOf(record), 0) as unknown as Fields, {})
}

/** Shows one decision of DECISION_BYTES. The meaning of `stream`, `count` and `value` depends on its kind. */
export function shownDecision(record: Uint8Array): ShownRecord {
  return shown(record, () => decodeDecision(viewOf(record), 0) as unknown as Fields, {
    flags: (fields) => flagNames(Number(fields.flags)),
    stream: (fields) => (fields.kind === 'SHARE' ? named(PhaseNames, fields.stream) : plain('stream', fields.stream)),
    count: ({ kind, count }) =>
      kind === 'PHASE'
        ? named(PhaseNames, count)
        : kind === 'FAULT'
          ? named(FaultCodeNames, count)
          : plain('count', count),
    value: ({ kind, value }) =>
      kind === 'FAULT' ? (eventNames.get(Number(value)) ?? plain('value', value)) : plain('value', value),
  })
}

/** A shown record as one line: the kind, then name=value. */
export function shownLine(record: ShownRecord): string {
  const { kind, ...rest } = record
  const fields = Object.entries(rest).filter(([, value]) => value !== null && value !== '')
  return [kind, ...fields.map(([name, value]) => `${name}=${value}`)].join(' ')
}

type Fields = Record<string, string | number | bigint | undefined>
type Shower = (fields: Fields) => string | number | null

function shown(record: Uint8Array, decode: () => Fields, special: Record<string, Shower>): ShownRecord {
  let fields: Fields
  try {
    fields = decode()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { kind: 'unknown', bytes: hexBytes(record) }
  }
  const out: ShownRecord = {}
  for (const [name, value] of Object.entries(fields)) out[name] = special[name]?.(fields) ?? plain(name, value)
  return out
}

function plain(name: string, value: string | number | bigint | undefined): string | number | null {
  const names = enumFields[name]
  if (names !== undefined) return named(names, value)
  if (name === 'api') return apiNames[Number(value)] ?? Number(value)
  if (name === 'key') return `0x${(value as bigint).toString(16).padStart(16, '0')}`
  if (typeof value === 'bigint') return exact(value)
  if (value === NONE && (name === 'stream' || name === 'sync_object')) return null
  return value ?? null
}

const named = (names: Record<number, string>, value: string | number | bigint | undefined): string | number =>
  names[Number(value)] ?? Number(value)

/** A number where it is exact, else its digits. */
export const exact = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()

/** The flags by name; bits that have none as a number, so that two records that differ never look alike. */
function flagNames(flags: number): string {
  const set = Object.entries(DecisionFlag).filter(([, bit]) => (flags & bit) !== 0)
  const rest = set.reduce((bits, [, bit]) => bits & ~bit, flags)
  return [...set.map(([name]) => name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join('|')
}

/** Bytes as people read them. */
export const hexBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const viewOf = (record: Uint8Array): DataView => new DataView(record.buffer, record.byteOffset, record.byteLength)
