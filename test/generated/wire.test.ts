/**
 * The numbers on the wire: kinds, enumerations, function numbers, offsets and sizes. Recordings outlive the program
 * that wrote them, so each number is unique and stays. wire.txt holds them as of its LOG_VERSION; whatever changes them
 * raises LOG_VERSION. A function, class or rule added behind the others changes nothing that a recording says.
 *
 * FLEXNPU_ACCEPT_WIRE=1 rewrites wire.txt, where the version was raised or they were only added.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { api } from '../../spec/api/index.ts'
import * as log from '../../spec/log.ts'
import * as records from '../../spec/records.ts'
import type { Field } from '../../spec/records.ts'
import { path } from '../../tools/build/steps.ts'

const { decisionFields, decisions, enums, eventHeader, events, policyIds, policyParameters } = records
const bytes = { u8: 1, u16: 2, u32: 4, u64: 8 }

/** Every layout: its fields and its size. Those of an event come after the header that all events have. */
const layouts: { name: string; fields: Field[]; size: number }[] = [
  ...events.map((e) => ({ name: `event ${e.name}`, fields: [...eventHeader, ...e.fields], size: records.EVENT_BYTES })),
  { name: 'decision', fields: decisionFields, size: records.DECISION_BYTES },
  { name: 'log header', fields: log.logHeader, size: log.LOG_HEADER_BYTES },
  { name: 'frame header', fields: log.frameHeader, size: log.FRAME_HEADER_BYTES },
]

const fieldLines = (name: string, fields: Field[]): string[] =>
  fields.map((f) => `field ${name} ${f.name} ${f.type} @${f.at}`)

const values = (name: string, of: Record<string, number>): string[] =>
  Object.entries(of).map(([key, value]) => `${name} ${key} ${value}`)

/** Everything a reader of recordings relies on, one fact a line. */
const wire: string[] = [
  `LOG_VERSION ${log.LOG_VERSION}`,
  `LOG_MAGIC ${JSON.stringify(log.LOG_MAGIC)}`,
  `TRAILER_MAGIC ${JSON.stringify(log.TRAILER_MAGIC)}`,
  ...values('size', {
    EVENT: records.EVENT_BYTES,
    DECISION: records.DECISION_BYTES,
    LOG_HEADER: log.LOG_HEADER_BYTES,
    FRAME_HEADER: log.FRAME_HEADER_BYTES,
    TRAILER: log.TRAILER_BYTES,
    CORE_HASH: log.CORE_HASH_BYTES,
    SNAPSHOT_PAGE: log.SNAPSHOT_PAGE_BYTES,
  }),
  ...values('value', { NONE: records.NONE, FRAME_MAGIC: log.FRAME_MAGIC, CORE_HASH_AT: log.CORE_HASH_AT }),
  ...values('FrameType', log.FrameType),
  ...values('NameKind', log.NameKind),
  ...fieldLines('log-header', log.logHeader),
  ...fieldLines('frame-header', log.frameHeader),
  ...fieldLines('event', eventHeader),
  ...events.flatMap((e) => [`event ${e.name} ${e.id}`, ...fieldLines(e.name, e.fields)]),
  ...fieldLines('decision', decisionFields),
  ...decisions.map((d) => `decision ${d.name} ${d.id}`),
  ...enums.flatMap((e) => values(e.name, e.values)),
  ...values('policy', policyIds),
  ...Object.entries(policyParameters).flatMap(([policy, list]) => list.map((p, i) => `p${i} ${policy} ${p.name}`)),
  ...api.map((f) => `function ${f.name} ${f.id}`),
]

const repeated = <T>(list: T[]): T[] => list.filter((item, i) => list.indexOf(item) !== i)

const within = (numbers: number[], bits: number): void => {
  for (const n of numbers) expect(Number.isInteger(n) && n > 0 && n < 2 ** bits, `${n} in ${bits} bits`).toBe(true)
}

const ids = (list: { id: number }[]): number[] => list.map((x) => x.id)

describe('numbers', () => {
  test('of kinds and functions are unique, and so are their names', () => {
    for (const list of [events, decisions, api]) {
      expect(repeated(ids(list))).toEqual([])
      expect(repeated(list.map((x) => x.name))).toEqual([])
    }
    for (const list of [log.FrameType, log.NameKind, policyIds]) expect(repeated(Object.values(list))).toEqual([])
  })

  test('of an enumeration are unique, and flags are single bits', () => {
    for (const e of enums) {
      const numbers = Object.values(e.values)
      expect(repeated(numbers), e.name).toEqual([])
      if (e.flags) for (const n of numbers) expect(n & (n - 1), `${e.name} ${n}`).toBe(0)
    }
  })

  test('fit the fields that carry them, and 0 is none', () => {
    const of = (name: string): number[] => Object.values(enums.find((e) => e.name === name)?.values ?? {})
    for (const numbers of [ids(events), ids(api), of('OpClass'), of('Rule').filter((n) => n !== 0)]) within(numbers, 16)
    for (const numbers of [ids(decisions), of('DecisionFlag')]) within(numbers, 8)
    expect(of('Rule')).toContain(0)
  })

  test('of the policies that users name are those of the core', () => {
    const named = Object.entries(policyIds).map(([name, id]) => [name.replaceAll('-', '_').toUpperCase(), id])
    expect(Object.fromEntries(named)).toEqual(enums.find((e) => e.name === 'PolicyId')?.values)
    expect(Object.keys(policyParameters).sort()).toEqual(Object.keys(policyIds).sort())
  })
})

test('the fields of every record are aligned, inside of it, and apart', () => {
  for (const { name, fields, size } of layouts) {
    let free = 0
    for (const f of [...fields].sort((a, b) => a.at - b.at)) {
      expect(f.at, `${name}: ${f.name} overlaps the field before it`).toBeGreaterThanOrEqual(free)
      expect(f.at % bytes[f.type], `${name}: ${f.name} is not aligned`).toBe(0)
      free = f.at + bytes[f.type]
    }
    expect(free, `${name}: the last field ends outside`).toBeLessThanOrEqual(size)
    expect(repeated(fields.map((f) => f.name)), name).toEqual([])
  }
})

const fixture = path('test', 'generated', 'wire.txt')

test('the numbers are those of wire.txt', () => {
  const before = readFileSync(fixture, 'utf8').trimEnd().split('\n')
  const gone = before.filter((line) => !wire.includes(line))
  const added = wire.filter((line) => !before.includes(line))
  const raised = log.LOG_VERSION > Number(before[0]?.split(' ')[1])
  const harmless = gone.length === 0 && added.every((line) => /^(function|OpClass|Rule) /.test(line))
  if (process.env['FLEXNPU_ACCEPT_WIRE'] === '1' && (raised || harmless))
    return writeFileSync(fixture, wire.join('\n') + '\n')
  const accept = 'then accept with FLEXNPU_ACCEPT_WIRE=1 npx vitest run test/generated/wire.test.ts'
  const what = raised
    ? `wire.txt is of an older version: ${accept}`
    : harmless
      ? `there are new numbers: ${accept}`
      : `the log format changed: raise LOG_VERSION in spec/log.ts (it is ${log.LOG_VERSION}) and its table in docs/flexlog.md, ${accept}`
  expect({ gone, added }, what).toEqual({ gone: [], added: [] })
})
