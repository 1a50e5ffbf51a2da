/** Emits the codec of events and decisions for TypeScript: typed records, decoded from and encoded into a DataView. */
import {
  DECISION_BYTES,
  decisionFields,
  decisions,
  enums,
  EVENT_BYTES,
  eventHeader,
  events,
  limits,
  NONE,
  type Field,
} from '../../spec/records.ts'
import { banner } from './names.ts'

const tsType = (f: Field): string => (f.type === 'u64' ? 'bigint' : 'number')
const get = (f: Field): string =>
  f.type === 'u8'
    ? `view.getUint8(at + ${f.at})`
    : f.type === 'u64'
      ? `view.getBigUint64(at + ${f.at}, true)`
      : `view.getUint${f.type.slice(1)}(at + ${f.at}, true)`
const set = (f: Field, value: string): string =>
  f.type === 'u8'
    ? `view.setUint8(at + ${f.at}, ${value})`
    : f.type === 'u64'
      ? `view.setBigUint64(at + ${f.at}, ${value}, true)`
      : `view.setUint${f.type.slice(1)}(at + ${f.at}, ${value}, true)`

const constObject = (name: string, doc: string, values: Record<string, number>): string[] => [
  `/** ${doc} */`,
  `export const ${name} = {`,
  ...Object.entries(values).map(([k, v]) => `  ${k}: ${v},`),
  '} as const',
  '',
]

/** The text of build/gen/ts/records.ts. */
export function emitLayoutTs(): string {
  const out: string[] = [`// ${banner('spec/records.ts')}`, '']
  out.push(
    `export const EVENT_BYTES = ${EVENT_BYTES}`,
    `export const DECISION_BYTES = ${DECISION_BYTES}`,
    `export const NONE = ${NONE}`,
    '',
  )
  out.push(...constObject('limits', "Sizes of the core's tables and mailboxes.", limits))
  out.push(...constObject('EventKind', 'Numbers of the events.', Object.fromEntries(events.map((e) => [e.name, e.id]))))
  out.push(
    ...constObject(
      'DecisionKind',
      'Numbers of the decisions.',
      Object.fromEntries(decisions.map((d) => [d.name, d.id])),
    ),
  )
  for (const e of enums) out.push(...constObject(e.name, e.doc, e.values))
  for (const e of enums.filter((x) => !x.flags)) {
    out.push(`/** Names of ${e.name} by number. */`)
    out.push(`export const ${e.name}Names: Record<number, string> = {`)
    out.push(...Object.entries(e.values).map(([k, v]) => `  ${v}: '${k}',`), '}', '')
  }
  const header = eventHeader.filter((f) => f.name !== 'kind')
  for (const e of events) {
    out.push(`/** ${e.doc} */`, `export interface ${e.name}_Event {`, `  kind: '${e.name}'`)
    for (const f of [...header, ...e.fields])
      out.push(`  /** ${f.doc} */`, `  ${f.name}${f.optional ? '?' : ''}: ${tsType(f)}`)
    out.push('}', '')
  }
  out.push(`export type EventRecord = ${events.map((e) => `${e.name}_Event`).join(' | ')}`, '')
  out.push(
    'export type EventName = EventRecord["kind"]',
    `export type DecisionName = ${decisions.map((d) => `'${d.name}'`).join(' | ')}`,
    '',
  )
  out.push('/** One decision of the core. */', 'export interface DecisionRecord {', '  kind: DecisionName')
  for (const f of decisionFields.filter((x) => x.name !== 'kind'))
    out.push(`  /** ${f.doc} */`, `  ${f.name}: ${tsType(f)}`)
  out.push('}', '')

  out.push('/** Reads the event at `at`. Throws RangeError where its kind is none. */')
  out.push(
    'export function decodeEvent(view: DataView, at: number): EventRecord {',
    '  const kind = view.getUint16(at, true)',
  )
  for (const f of header) out.push(`  const ${f.name} = ${get(f)}`)
  out.push('  switch (kind) {')
  for (const e of events) {
    const fields = e.fields.map((f) => `${f.name}: ${get(f)}`)
    out.push(
      `    case ${e.id}:`,
      `      return { kind: '${e.name}', ${[...header.map((f) => f.name), ...fields].join(', ')} }`,
    )
  }
  out.push('  }', '  throw new RangeError(`event kind ${kind} at byte ${at} is none`)', '}', '')
  out.push('/** Writes an event to `at`, all of its bytes. */')
  out.push('export function encodeEvent(view: DataView, at: number, record: EventRecord): void {')
  out.push(`  for (let i = 0; i < ${EVENT_BYTES}; i += 8) view.setBigUint64(at + i, 0n, true)`)
  out.push('  view.setUint16(at, EventKind[record.kind], true)')
  for (const f of header) out.push(`  ${set(f, `record.${f.name}`)}`)
  out.push('  switch (record.kind) {')
  for (const e of events.filter((x) => x.fields.length > 0)) {
    out.push(
      `    case '${e.name}':`,
      ...e.fields.map((f) => `      ${set(f, `record.${f.name}${f.optional ? ' ?? 0' : ''}`)}`),
      '      break',
    )
  }
  out.push('  }', '}', '')
  out.push(
    'const decisionNames: Record<number, DecisionName> = {',
    ...decisions.map((d) => `  ${d.id}: '${d.name}',`),
    '}',
    '',
  )
  out.push('/** Reads the decision at `at`. Throws RangeError where its kind is none. */')
  out.push('export function decodeDecision(view: DataView, at: number): DecisionRecord {')
  out.push('  const kind = decisionNames[view.getUint8(at)]')
  out.push('  if (kind === undefined) throw new RangeError(`decision kind ${view.getUint8(at)} at byte ${at} is none`)')
  out.push(
    `  return { kind, ${decisionFields
      .filter((f) => f.name !== 'kind')
      .map((f) => `${f.name}: ${get(f)}`)
      .join(', ')} }`,
    '}',
    '',
  )
  out.push('/** Writes a decision to `at`. */')
  out.push('export function encodeDecision(view: DataView, at: number, record: DecisionRecord): void {')
  out.push('  view.setUint8(at, DecisionKind[record.kind])')
  for (const f of decisionFields.filter((x) => x.name !== 'kind')) out.push(`  ${set(f, `record.${f.name}`)}`)
  out.push('}', '')
  return out.join('\n')
}
