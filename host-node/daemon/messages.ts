/**
 * The messages of the control socket (docs/daemon.md, "Connecting"): one JSON object a line. Everything here is checked
 * for form only; who may send what, and when, is the connection's to say. Fields that are not known are refused, so that
 * a misspelt one is noticed.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import { BadLine } from './lines.ts'

const closed = { additionalProperties: false }

/** A u64: a number where it is exact, otherwise hexadecimal digits. */
const big = Type.Union([
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^0x[0-9a-fA-F]{1,16}$' }),
])
const u32 = Type.Integer({ minimum: 0, maximum: 0xffffffff })
/** /dev/shm/flexnpu.UID.PID.NUMBER; the daemon opens no other file for a client. */
const file = Type.String({ pattern: '^/dev/shm/flexnpu\\.[0-9]{1,10}\\.[0-9]{1,10}\\.[0-9]{1,10}$' })

const schemas = {
  hello: Type.Object(
    {
      hello: Type.Literal(1),
      pid: u32,
      role: Type.Optional(Type.Enum({ PREFILL: 'prefill', DECODE: 'decode', NONE: '' })),
    },
    closed,
  ),
  ring: Type.Object({ ring: file, thread: big }, closed),
  pin: Type.Object({ pin: file, address: big, bytes: big }, closed),
  unpin: Type.Object({ unpin: big }, closed),
  leave: Type.Object({ leave: u32 }, closed),
  admin: Type.Union([
    Type.Object({ admin: Type.Enum({ STATUS: 'status', RELOAD: 'reload', STOP: 'stop' }) }, closed),
    Type.Object(
      {
        admin: Type.Literal('policy'),
        policy: Type.String({ maxLength: 64 }),
        params: Type.Optional(Type.Record(Type.String(), big)),
      },
      closed,
    ),
    Type.Object(
      {
        admin: Type.Literal('record'),
        from: Type.Optional(Type.Enum({ START: 'start', NOW: 'now' })),
      },
      closed,
    ),
    Type.Object(
      {
        admin: Type.Literal('watch'),
        interval_ms: Type.Optional(Type.Integer({ minimum: 20, maximum: 3_600_000 })),
      },
      closed,
    ),
  ]),
}

export type Hello = Static<typeof schemas.hello>
export type RingRequest = Static<typeof schemas.ring>
export type PinRequest = Static<typeof schemas.pin>
export type UnpinRequest = Static<typeof schemas.unpin>
export type LeaveRequest = Static<typeof schemas.leave>
export type AdminRequest = Static<typeof schemas.admin>

/** A message, by its kind. */
export type Message =
  | { kind: 'hello'; body: Hello }
  | { kind: 'ring'; body: RingRequest }
  | { kind: 'pin'; body: PinRequest }
  | { kind: 'unpin'; body: UnpinRequest }
  | { kind: 'leave'; body: LeaveRequest }
  | { kind: 'admin'; body: AdminRequest }

const ajv = new Ajv()
const checks = new Map<string, ValidateFunction>(
  Object.entries(schemas).map(([kind, schema]) => [kind, ajv.compile(schema as TSchema)]),
)

/** Parses one line. Throws BadLine. */
export function parseMessage(line: string): Message {
  let body: unknown
  try {
    body = JSON.parse(line)
  } catch {
    throw new BadLine('a line that is no JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new BadLine('a line that is no JSON object')
  const kind = [...checks.keys()].find((name) => Object.hasOwn(body, name))
  if (kind === undefined) throw new BadLine('a message of no known kind')
  const check = checks.get(kind) as ValidateFunction
  if (!check(body)) {
    const { instancePath = '', message = 'wrong' } = check.errors?.[0] ?? {}
    throw new BadLine(`a bad ${kind} message: ${instancePath === '' ? '' : `${instancePath.slice(1)} `}${message}`)
  }
  return { kind, body } as Message
}

/** The value of a u64 as it was written. */
export const bigValue = (value: Static<typeof big>): bigint => BigInt(value)
