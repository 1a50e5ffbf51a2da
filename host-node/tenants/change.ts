/**
 * The events that turn the core's tenants from one configuration into another. The order is valid whatever the two are:
 * virtual NPUs go before their tenant, tenants before their number is given again, and the policy comes last, when all
 * weights it looks at are set. Applying them to the first configuration gives the second; nothing else is touched.
 */
import { NONE, type EventRecord } from '../../build/gen/ts/records.ts'
import { policyIds } from '../../spec/records.ts'
import type { PolicyChoice } from '../cli/policy.ts'
import type { Tenant, Tenants } from './tenants.ts'

/** A virtual NPU that exists, and whose it is. */
export interface Vnpu {
  vnpu: number
  tenant: number
}

const host = { flags: 0, stream: NONE, time_ns: 0n }

export const tenantSet = (t: Tenant): EventRecord => ({
  ...host,
  kind: 'TENANT_SET',
  tenant: t.number,
  weight: t.weight,
  priority: t.priority,
  stream_limit: t.stream_limit,
  hbm_quota_bytes: BigInt(t.hbm_bytes),
})

export function policySet({ policy, parameters: [p0 = 0n, p1 = 0n, p2 = 0n, p3 = 0n] }: PolicyChoice): EventRecord {
  return { ...host, kind: 'POLICY_SET', policy: policyIds[policy] as number, p0, p1, p2, p3 }
}

/** Tenants that are in `before` and no more in `after`: their clients have to go. */
export function gone(before: Tenants, after: Tenants): Tenant[] {
  return before.tenants.filter(
    (b) => b.number !== 0 && !after.tenants.some((a) => a.number === b.number && a.name === b.name),
  )
}

/** Events from one configuration to another. `vnpus` are those that exist; times are for whoever feeds them. */
export function change(before: Tenants, after: Tenants, vnpus: readonly Vnpu[] = []): EventRecord[] {
  const removed = new Set(gone(before, after).map((t) => t.number))
  const same = (a: Tenant): boolean =>
    !removed.has(a.number) &&
    before.tenants.some(
      (b) =>
        b.number === a.number &&
        b.weight === a.weight &&
        b.priority === a.priority &&
        b.stream_limit === a.stream_limit &&
        b.hbm_bytes === a.hbm_bytes,
    )
  const events: EventRecord[] = []
  for (const { vnpu, tenant } of vnpus) if (removed.has(tenant)) events.push({ ...host, kind: 'VNPU_REMOVE', vnpu })
  for (const tenant of removed) events.push({ ...host, kind: 'TENANT_REMOVE', tenant })
  events.push(...after.tenants.filter((t) => !same(t)).map(tenantSet))
  const { policy } = after
  if (policy !== undefined && !samePolicy(before.policy, policy)) events.push(policySet(policy))
  return events
}

const samePolicy = (a: PolicyChoice | undefined, b: PolicyChoice): boolean =>
  a?.policy === b.policy && b.parameters.every((value, i) => value === a.parameters[i])
