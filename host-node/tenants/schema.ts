/**
 * What a tenants' file may hold, said once: the type that TypeScript checks, the schema that ajv checks, and the JSON
 * Schema that is published as docs/tenants.schema.json. Bounds are the core's (assembly/engine/events.ts), so that what
 * passes here is never refused there.
 */
import { Type, type Static } from '@sinclair/typebox'
import { limits, policyIds } from '../../spec/records.ts'

const closed = { additionalProperties: false }

const id = (whose: string) => Type.Integer({ minimum: 0, maximum: 0xfffffffe, description: `a ${whose} id (number)` })

const allowSchema = Type.Object(
  { uid: Type.Optional(id('user')), gid: Type.Optional(id('group')) },
  { ...closed, minProperties: 1, description: 'a user id, a group id, or both; where both are given, both must match' },
)

const tenantSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$',
      description: 'a name of letters, digits, ".", "_" and "-", at most 63',
    }),
    hbm_bytes: Type.Optional(
      Type.Union(
        [
          Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
          Type.String({ pattern: '^[0-9]+(\\.[0-9]+)? ?([KMGT]i?)?B$' }),
        ],
        {
          description: 'device memory: a number of bytes of at least 1, or a size such as 16GiB; without it, no limit',
        },
      ),
    ),
    compute_share: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        default: 1000,
        description:
          'a weight from 1 to 1000000, relative to the other tenants (per mille where all of them add up to 1000)',
      }),
    ),
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 7, default: 0, description: 'a priority from 0 (greatest) to 7' }),
    ),
    stream_limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.MAX_STREAMS,
        description: `a number of streams from 1 to ${limits.MAX_STREAMS}; without it, no limit`,
      }),
    ),
    allow: Type.Optional(
      Type.Array(allowSchema, { description: 'a list of who belongs to the tenant: {uid}, {gid} or {uid, gid}' }),
    ),
  },
  { ...closed, description: 'a tenant: name, hbm_bytes, compute_share, priority, stream_limit, allow' },
)

const policySchema = Type.Object(
  {
    name: Type.Union(
      Object.keys(policyIds).map((name) => Type.Literal(name)),
      { description: `one of ${Object.keys(policyIds).join(', ')}` },
    ),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
        description: 'whole numbers by the names of the parameters of the policy; 0 takes the default',
      }),
    ),
  },
  { ...closed, description: 'a policy: name, params' },
)

/** Tenant 0 is the core's own, for daemons without a tenants' file. */
export const MOST_TENANTS = limits.MAX_TENANTS - 1

export const tenantsSchema = Type.Object(
  {
    policy: Type.Optional(policySchema),
    default_tenant: Type.Optional(
      Type.String({
        description: 'the name of the tenant of everyone whom no tenant allows; without it they are refused',
      }),
    ),
    tenants: Type.Array(tenantSchema, {
      minItems: 1,
      maxItems: MOST_TENANTS,
      description: `a list of 1 to ${MOST_TENANTS} tenants; of two that allow the same peer, the first has it`,
    }),
  },
  {
    ...closed,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "FlexNPU tenants' file",
    description: 'a mapping with policy, default_tenant, tenants',
  },
)

/** A file that passed the schema. */
export type TenantsFile = Static<typeof tenantsSchema>

/** The published text: docs/tenants.schema.json. */
export const publishedSchema = (): string => `${JSON.stringify(tenantsSchema, null, 2)}\n`
