/**
 * One record, three readers: what TypeScript encodes it decodes, and C, AssemblyScript and TypeScript find every field
 * at the same place. The place in C is measured (offsetof), that in TypeScript by which bytes the codec writes.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as codec from '../../build/gen/ts/records.ts'
import type { DecisionRecord, EventRecord } from '../../build/gen/ts/records.ts'
import * as log from '../../spec/log.ts'
import { decisionFields, decisions, enums, eventHeader, events, type Field } from '../../spec/records.ts'
import { path } from '../../tools/build/steps.ts'
import { upperSnake } from '../../tools/emit/names.ts'
import { evaluate } from './c.ts'

const { DECISION_BYTES, decodeDecision, decodeEvent, encodeDecision, encodeEvent, EVENT_BYTES } = codec

const bits = { u8: 8, u16: 16, u32: 32, u64: 64 }
const greatest = (f: Field): bigint => 2n ** BigInt(bits[f.type]) - 1n

/** Any value of a field, its bounds often. */
const valueOf = (f: Field): fc.Arbitrary<number | bigint> =>
  f.type === 'u64'
    ? fc.oneof(fc.bigInt({ min: 0n, max: greatest(f) }), fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 63n, greatest(f)))
    : fc.oneof(fc.nat({ max: Number(greatest(f)) }), fc.constantFrom(0, Number(greatest(f))))

const withoutKind = (fields: Field[]): Field[] => fields.filter((f) => f.name !== 'kind')

const recordOf = (kind: string, fields: Field[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    { kind: fc.constant(kind), ...Object.fromEntries(withoutKind(fields).map((f) => [f.name, valueOf(f)])) },
    { noNullPrototype: true },
  )

const anyEvent = fc.oneof(...events.map((e) => recordOf(e.name, [...eventHeader, ...e.fields])))
const anyDecision = fc.oneof(...decisions.map((d) => recordOf(d.name, decisionFields)))

/** Encodes into a buffer full of `fill`, somewhere in its middle; fails where a byte around the record changed. */
function encoded<R>(
  encode: (view: DataView, at: number, r: R) => void,
  size: number,
  record: R,
  fill = 0xa5,
): Uint8Array {
  const around = 24
  const bytes = new Uint8Array(size + 2 * around).fill(fill)
  encode(new DataView(bytes.buffer), around, record)
  const outside = [...bytes.subarray(0, around), ...bytes.subarray(around + size)]
  expect(
    outside.every((b) => b === fill),
    'wrote outside of the record',
  ).toBe(true)
  return bytes.slice(around, around + size)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer)

describe('round trip', () => {
  test('events', () => {
    fc.assert(
      fc.property(anyEvent, (record) => {
        const bytes = encoded(encodeEvent, EVENT_BYTES, record as unknown as EventRecord)
        expect(decodeEvent(viewOf(bytes), 0)).toEqual(record)
        /* Nothing of what was there before may stay: recordings are compared byte for byte. */
        expect(encoded(encodeEvent, EVENT_BYTES, record as unknown as EventRecord, 0)).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  test('decisions', () => {
    fc.assert(
      fc.property(anyDecision, (record) => {
        const bytes = encoded(encodeDecision, DECISION_BYTES, record as unknown as DecisionRecord)
        expect(decodeDecision(viewOf(bytes), 0)).toEqual(record)
        expect(encoded(encodeDecision, DECISION_BYTES, record as unknown as DecisionRecord, 0)).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  test('a kind that is none is refused', () => {
    for (const kind of [0, Math.max(...events.map((e) => e.id)) + 1, 0xffff]) {
      const view = new DataView(new ArrayBuffer(EVENT_BYTES))
      view.setUint16(0, kind, true)
      expect(() => decodeEvent(view, 0)).toThrow(`event kind ${kind} at byte 0 is none`)
    }
    for (const kind of [0, Math.max(...decisions.map((d) => d.id)) + 1, 0xff]) {
      const view = new DataView(new ArrayBuffer(DECISION_BYTES))
      view.setUint8(0, kind)
      expect(() => decodeDecision(view, 0)).toThrow(`decision kind ${kind} at byte 0 is none`)
    }
  })
})

/** `offset:size` of a field by name. */
type Places = Record<string, string>

/** Where the codec writes a field: the bytes that all ones in it change. */
function placeInTs<R>(
  encode: (view: DataView, at: number, r: R) => void,
  size: number,
  kind: string,
  fields: Field[],
  f: Field,
): string {
  const zero = Object.fromEntries(withoutKind(fields).map((x) => [x.name, x.type === 'u64' ? 0n : 0]))
  const ones = { ...zero, [f.name]: f.type === 'u64' ? greatest(f) : Number(greatest(f)) }
  const without = encoded(encode, size, { kind, ...zero } as R)
  const changed = [...encoded(encode, size, { kind, ...ones } as R)].flatMap((b, i) => (b === without[i] ? [] : [i]))
  return `${changed[0]}:${changed.length}`
}

const placesInTs = (): Places => ({
  ...Object.fromEntries(
    events.flatMap((e) => {
      const fields = [...eventHeader, ...e.fields]
      const place = (f: Field): string => placeInTs(encodeEvent, EVENT_BYTES, e.name, fields, f)
      return [
        ...withoutKind(eventHeader).map((f): [string, string] => [`event.${f.name}`, place(f)]),
        ...e.fields.map((f): [string, string] => [`${e.name.toLowerCase()}.${f.name}`, place(f)]),
      ]
    }),
  ),
  ...Object.fromEntries(
    withoutKind(decisionFields).map((f) => [
      `decision.${f.name}`,
      placeInTs(encodeDecision, DECISION_BYTES, decisions[0]!.name, decisionFields, f),
    ]),
  ),
})

describe('C', () => {
  test('has every field where TypeScript has it', () => {
    const inTs = placesInTs()
    const members = Object.keys(inTs).map((name): [string, string, string] => {
      const [group, field] = name.split('.') as [string, string]
      if (group === 'decision') return [name, 'flexnpu_decision', field]
      return [name, 'flexnpu_event', group === 'event' ? field : name]
    })
    const found = evaluate('C11', 'records.h', [
      ...members.map(([name, type, member]): [string, string] => [`${name}@`, `offsetof(${type}, ${member})`]),
      ...members.map(([name, type, member]): [string, string] => [name, `sizeof(((${type} *)0)->${member})`]),
      ['event', 'sizeof(flexnpu_event)'],
      ['decision', 'sizeof(flexnpu_decision)'],
      ['event.kind', 'offsetof(flexnpu_event, kind)'],
      ['decision.kind', 'offsetof(flexnpu_decision, kind)'],
    ])
    const inC = Object.fromEntries(members.map(([name]) => [name, `${found.get(`${name}@`)}:${found.get(name)}`]))
    expect(inC).toEqual(inTs)
    expect([found.get('event'), found.get('decision')]).toEqual([EVENT_BYTES, DECISION_BYTES])
    expect([found.get('event.kind'), found.get('decision.kind')]).toEqual([0, 0])
  })

  test('has the numbers that TypeScript has', () => {
    const exported = codec as unknown as Record<string, Record<string, number>>
    const groups: [string, Record<string, number>][] = [
      ['EVENT', codec.EventKind],
      ['DECISION', codec.DecisionKind],
      ['FRAME', log.FrameType],
      ['NAME', log.NameKind],
      ...enums.map((e): [string, Record<string, number>] => [upperSnake(e.name), exported[e.name]!]),
    ]
    const expected = groups.flatMap(([group, of]) =>
      Object.entries(of).map(([name, value]): [string, number] => [`FLEXNPU_${group}_${name}`, value]),
    )
    expected.push(['FLEXNPU_NONE', codec.NONE], ['FLEXNPU_LOG_VERSION', log.LOG_VERSION])
    expect(new Set(expected.map(([name]) => name)).size, 'two numbers of one name in C').toBe(expected.length)
    expect(
      Object.fromEntries(
        evaluate(
          'C11',
          'records.h',
          expected.map(([name]) => [name, name]),
        ),
      ),
    ).toEqual(Object.fromEntries(expected))
  })

  test('has the headers of a recording where host-node reads them', () => {
    const members = [
      ...log.logHeader.map((f) => ['flexnpu_log_header', f] as const),
      ...log.frameHeader.map((f) => ['flexnpu_frame_header', f] as const),
    ]
    const found = evaluate('C11', 'records.h', [
      ...members.map(([type, f]): [string, string] => [`${type}.${f.name}`, `offsetof(${type}, ${f.name})`]),
      ['log', 'sizeof(flexnpu_log_header)'],
      ['frame', 'sizeof(flexnpu_frame_header)'],
      ...[...log.LOG_MAGIC].map((_, i): [string, string] => [`magic${i}`, `(unsigned char)FLEXNPU_LOG_MAGIC[${i}]`]),
      ...[...log.TRAILER_MAGIC].map((_, i): [string, string] => [
        `end${i}`,
        `(unsigned char)FLEXNPU_TRAILER_MAGIC[${i}]`,
      ]),
    ])
    expect(Object.fromEntries(found)).toEqual({
      ...Object.fromEntries(members.map(([type, f]) => [`${type}.${f.name}`, f.at])),
      log: log.LOG_HEADER_BYTES,
      frame: log.FRAME_HEADER_BYTES,
      ...Object.fromEntries([...log.LOG_MAGIC].map((c, i) => [`magic${i}`, c.charCodeAt(0)])),
      ...Object.fromEntries([...log.TRAILER_MAGIC].map((c, i) => [`end${i}`, c.charCodeAt(0)])),
    })
  })
})

describe('AssemblyScript', () => {
  const text = readFileSync(path('build', 'gen', 'as', 'layout.ts'), 'utf8')
  /** Loads and stores, by the name of the record and field: the width and the offset that they use. */
  const accessors = new Map(
    [...text.matchAll(/function (\w+)\(p: usize.*(?:load|store)<u(\d+)>\(p,.*?(\d+)\) \}$/gm)].map(
      ([, name = '', width, at]) => [name, `${at}:${Number(width) / 8}`],
    ),
  )

  test('has every field where TypeScript has it', () => {
    const expected = Object.entries(placesInTs()).map(([name, place]): [string, string] => {
      const joined = name.replace('.', '_')
      return [name.startsWith('decision.') ? `set_${joined}` : joined, place]
    })
    expected.push(['event_kind', '0:2'], ['set_decision_kind', '0:1'])
    expect(Object.fromEntries(accessors)).toEqual(Object.fromEntries(expected))
  })

  test('has the numbers that TypeScript has', () => {
    const constants = new Map(
      [...text.matchAll(/^export const (\w+): \w+ = (\d+)$/gm)].map(([, n, v]) => [n, Number(v)]),
    )
    for (const e of events)
      expect(constants.get(`EVENT_${e.name}`), e.name).toBe(codec.EventKind[e.name as codec.EventName])
    for (const d of decisions)
      expect(constants.get(`DECISION_${d.name}`), d.name).toBe(codec.DecisionKind[d.name as codec.DecisionName])
    for (const e of enums)
      for (const [name, value] of Object.entries((codec as unknown as Record<string, Record<string, number>>)[e.name]!))
        expect(constants.get(`${upperSnake(e.name)}_${name}`), `${e.name} ${name}`).toBe(value)
  })
})
