/** Emits the layout of a client thread's ring for C: sizes, header, records and virtual handles, checked at compile time. */
import {
  DATA_TAG,
  STREAM_TAG,
  HANDLE_GENERATION_BITS,
  HANDLE_INDEX_BITS,
  HANDLE_TAG,
  HandleKindId,
  RING_FILE_BYTES,
  RING_MAGIC,
  RING_VERSION,
  RingKind,
  ring,
  ringHeader,
  ringRecord,
} from '../../spec/ring.ts'
import type { Field } from '../../spec/records.ts'
import { members } from './layout-c.ts'
import { banner } from './names.ts'

const structure = (name: string, doc: string, fields: Field[], bytes: number): string[] => [
  '',
  `/* ${doc} */`,
  `typedef struct ${name} {`,
  ...members(fields, bytes),
  `} ${name};`,
  '',
  `_Static_assert(sizeof(${name}) == ${bytes}, "${name} size");`,
  ...fields.map((f) => `_Static_assert(offsetof(${name}, ${f.name}) == ${f.at}, "${name}.${f.name}");`),
]

const define = (name: string, value: string | number): string => `#define FLEXNPU_${name} ${value}`

/** The text of build/gen/c/ring_layout.h. */
export function emitRingC(): string {
  const offsets = {
    RING_RECORDS_AT: ring.RING_HEADER_BYTES,
    RING_ARGS_AT: ring.RING_HEADER_BYTES + ring.RING_RECORDS * ring.RING_RECORD_BYTES,
    RING_REPLY_AT: ring.RING_HEADER_BYTES + ring.RING_RECORDS * ring.RING_RECORD_BYTES + ring.RING_ARGS_BYTES,
  }
  const dataAt = offsets.RING_REPLY_AT + ring.RING_REPLY_BYTES
  return [
    `/* ${banner('spec/ring.ts')} */`,
    '#ifndef FLEXNPU_RING_LAYOUT_H',
    '#define FLEXNPU_RING_LAYOUT_H',
    '',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    define('RING_MAGIC', `0x${RING_MAGIC.toString(16)}u`),
    define('RING_VERSION', `${RING_VERSION}u`),
    ...Object.entries(ring).map(([name, value]) => define(name, `${value}u`)),
    ...Object.entries(offsets).map(([name, value]) => define(name, `${value}u`)),
    define('RING_DATA_AT', `${dataAt}u`),
    define('RING_FILE_BYTES', `${RING_FILE_BYTES}u`),
    ...Object.entries(RingKind).map(([name, value]) => define(`RING_${name}`, `0x${value.toString(16)}u`)),
    define('HANDLE_TAG', `0x${HANDLE_TAG.toString(16)}u`),
    define('DATA_TAG', `0x${DATA_TAG.toString(16)}u`),
    define('STREAM_TAG', `0x${STREAM_TAG.toString(16)}u`),
    define('HANDLE_INDEX_BITS', `${HANDLE_INDEX_BITS}u`),
    define('HANDLE_GENERATION_BITS', `${HANDLE_GENERATION_BITS}u`),
    ...Object.entries(HandleKindId).map(([name, value]) =>
      define(`HANDLE_${name.toUpperCase().replaceAll('-', '_')}`, `${value}u`),
    ),
    ...structure('flexnpu_ring_header', 'First page of a ring file.', ringHeader, ring.RING_HEADER_BYTES),
    ...structure('flexnpu_ring_record', 'What every record has.', ringRecord, ring.RING_RECORD_BYTES),
    '',
    '#endif',
    '',
  ].join('\n')
}
