/** Emits the record and log layouts for C: packed-by-construction structures whose offsets are checked at compile time. */
import {
  CORE_HASH_AT,
  CORE_HASH_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  frameHeader,
  FrameType,
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  LOG_VERSION,
  logHeader,
  NameKind,
  TRAILER_BYTES,
  TRAILER_MAGIC,
} from '../../spec/log.ts'
import {
  DECISION_BYTES,
  decisionFields,
  decisions,
  enums,
  EVENT_BYTES,
  eventHeader,
  events,
  limits,
  policyIds,
  type Field,
} from '../../spec/records.ts'
import { banner, upperSnake } from './names.ts'

const size = { u8: 1, u16: 2, u32: 4, u64: 8 }

/** Members in order of offset, with explicit padding, so that the C structure is the record byte for byte. */
export function members(fields: Field[], end: number, from = 0): string[] {
  const out: string[] = []
  let at = from
  for (const f of [...fields].sort((a, b) => a.at - b.at)) {
    if (f.at > at) out.push(`  uint8_t pad${at}[${f.at - at}];`)
    out.push(`  ${f.type.replace('u', 'uint')}_t ${f.name}; /* ${f.doc} */`)
    at = f.at + size[f.type]
  }
  if (at < end) out.push(`  uint8_t pad${at}[${end - at}];`)
  return out
}

const cString = (s: string): string =>
  [...Buffer.from(s, 'latin1')].map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('')

/** The text of build/gen/c/records.h. */
export function emitLayoutC(): string {
  const out: string[] = [
    `/* ${banner('spec/records.ts and spec/log.ts')} */`,
    '#ifndef FLEXNPU_RECORDS_H',
    '#define FLEXNPU_RECORDS_H',
    '',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
  ]
  const define = (name: string, value: string | number) => out.push(`#define FLEXNPU_${name} ${value}`)
  define('EVENT_BYTES', EVENT_BYTES)
  define('DECISION_BYTES', DECISION_BYTES)
  define('NONE', '0xffffffffu')
  for (const [name, value] of Object.entries(limits)) define(name, `${value}u`)
  define('LOG_VERSION', `${LOG_VERSION}u`)
  define('LOG_MAGIC', `"${cString(LOG_MAGIC)}"`)
  define('LOG_HEADER_BYTES', `${LOG_HEADER_BYTES}u`)
  define('CORE_HASH_AT', `${CORE_HASH_AT}u`)
  define('CORE_HASH_BYTES', `${CORE_HASH_BYTES}u`)
  define('FRAME_MAGIC', `0x${FRAME_MAGIC.toString(16)}u`)
  define('FRAME_HEADER_BYTES', `${FRAME_HEADER_BYTES}u`)
  define('TRAILER_BYTES', `${TRAILER_BYTES}u`)
  define('TRAILER_MAGIC', `"${cString(TRAILER_MAGIC)}"`)
  for (const [name, value] of Object.entries(FrameType)) define(`FRAME_${name}`, `${value}u`)
  for (const [name, value] of Object.entries(NameKind)) define(`NAME_${name}`, `${value}u`)
  for (const e of events) define(`EVENT_${e.name}`, `${e.id}u`)
  for (const d of decisions) define(`DECISION_${d.name}`, `${d.id}u`)
  for (const e of enums)
    for (const [name, value] of Object.entries(e.values)) define(`${upperSnake(e.name)}_${name}`, `${value}u`)
  out.push(
    '',
    `#define FLEXNPU_POLICIES(X) ${Object.entries(policyIds)
      .map(([n, v]) => `X("${n}", ${v}u)`)
      .join(' ')}`,
    '',
  )

  out.push('/* One event: the header, then the fields of its kind. */', 'typedef struct flexnpu_event {')
  out.push(...members(eventHeader, 16))
  out.push('  union {')
  for (const e of events) {
    const name = e.name.toLowerCase()
    out.push(`    struct { /* ${e.doc} */`)
    for (const line of members(e.fields, EVENT_BYTES, 16)) out.push(`    ${line}`)
    out.push(`    } ${name};`)
  }
  out.push('  };', '} flexnpu_event;', '')
  out.push(`_Static_assert(sizeof(flexnpu_event) == ${EVENT_BYTES}, "event record size");`)
  for (const e of events)
    for (const f of e.fields)
      out.push(
        `_Static_assert(offsetof(flexnpu_event, ${e.name.toLowerCase()}.${f.name}) == ${f.at}, "${e.name}.${f.name}");`,
      )
  const plain = (name: string, doc: string, fields: Field[], bytes: number) => {
    out.push('', `/* ${doc} */`, `typedef struct ${name} {`, ...members(fields, bytes), `} ${name};`, '')
    out.push(`_Static_assert(sizeof(${name}) == ${bytes}, "${name} size");`)
    for (const f of fields) out.push(`_Static_assert(offsetof(${name}, ${f.name}) == ${f.at}, "${name}.${f.name}");`)
  }
  plain('flexnpu_decision', 'One decision.', decisionFields, DECISION_BYTES)
  plain('flexnpu_log_header', 'First 64 bytes of a recording; 8 bytes of magic lead.', logHeader, LOG_HEADER_BYTES)
  plain('flexnpu_frame_header', 'First 32 bytes of a frame.', frameHeader, FRAME_HEADER_BYTES)
  out.push('', '#endif', '')
  return out.join('\n')
}
