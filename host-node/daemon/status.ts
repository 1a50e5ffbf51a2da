/**
 * What a daemon says of itself: the answer to {"admin":"status"} and each line of {"admin":"watch"}. Counters only grow;
 * shares are per mille; a limit of 0 is none. Fields are added, never changed, because scripts read them.
 */
import { Type, type Static } from '@sinclair/typebox'

const count = (description: string) => Type.Integer({ minimum: 0, description })

export const deviceStatus = Type.Object({
  number: count('device number'),
  chip: Type.String({ description: 'as aclrtGetSocName says, for example Ascend910B2' }),
  policy: Type.String({ description: 'scheduling policy' }),
  params: Type.Record(Type.String(), count('value'), { description: 'parameters of the policy; 0 is its default' }),
  decode_share: count('share of the device that decode has, per mille'),
  hbm_used_bytes: count('device memory that clients hold'),
  hbm_bytes: count('device memory there is'),
})

export const tenantStatus = Type.Object({
  number: count('number of the tenant, the same over reloads'),
  name: Type.String({ description: 'name of the tenant' }),
  weight: count('compute share, relative to the other tenants'),
  priority: count('0 (greatest) to 7'),
  hbm_used_bytes: count('device memory that its clients hold'),
  hbm_bytes: count('device memory they may hold; 0 is no limit'),
  streams: count('streams that its clients have'),
  stream_limit: count('streams they may have; 0 is no limit'),
  queued: count('operators that wait for a decision'),
  running_ns: count('device time of its complete operators'),
})

export const streamStatus = Type.Object({
  number: count('number of the stream'),
  tenant: count('number of the tenant'),
  pid: count('process'),
  phase: Type.String({ description: 'UNKNOWN, PREFILL, DECODE or MIXED' }),
  confidence: count('how sure of the phase, per mille'),
  queued: count('operators that wait for a decision'),
  inflight: count('operators handed to the device and not complete'),
  submitted: count('operators that the client issued'),
  completed: count('operators that are complete'),
})

export const clientStatus = Type.Object({
  number: count('number of the client'),
  pid: count('process, as the kernel says'),
  uid: count('user'),
  tenant: count('number of the tenant'),
  rings: count('threads that issue calls'),
  since: Type.String({ description: 'when it connected, ISO 8601' }),
})

export const statusSchema = Type.Object({
  pid: count('process of the daemon'),
  since: Type.String({ description: 'when the daemon began, ISO 8601' }),
  device: deviceStatus,
  tenants: Type.Array(tenantStatus),
  streams: Type.Array(streamStatus),
  clients: Type.Array(clientStatus),
  counters: Type.Record(Type.String(), count('since the daemon began'), {
    description: 'connections, refused, expelled, requests, reloads, and what the core counts (faults, ...)',
  }),
})

export type TenantStatus = Static<typeof tenantStatus>
export type StreamStatus = Static<typeof streamStatus>
export type ClientStatus = Static<typeof clientStatus>
export type Status = Static<typeof statusSchema>
/** What the core knows of itself; the control server adds who it is and its own counters. */
export type CoreStatus = Omit<Status, 'pid' | 'since'>
