/** Reloads: the events turn the core's tenants into the new ones, in an order that the real core takes without a fault. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeEvent, NONE, type EventRecord } from '../../build/gen/ts/records.ts'
import { DECISION_BYTES, EVENT_BYTES, policyIds } from '../../spec/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { DecisionKind } from '../../build/gen/ts/records.ts'
import { change, tenantSet } from '../../host-node/tenants/change.ts'
import { parseTenants, readTenants, type Tenants } from '../../host-node/tenants/tenants.ts'
import { path } from '../../tools/build/steps.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { hello, Raw, startControl } from './connected.ts'

const core = new Core(new Uint8Array(readFileSync(path('build', 'core.wasm'))))

/** Feeds events to the real core; how many faults it finds. */
function faults(events: readonly EventRecord[]): number {
  const bytes = new Uint8Array(events.length * EVENT_BYTES)
  for (const [i, event] of events.entries()) encodeEvent(new DataView(bytes.buffer), i * EVENT_BYTES, event)
  const decisions = core.feed(bytes)
  let found = 0
  for (let at = 0; at < decisions.length; at += DECISION_BYTES) if (decisions[at] === DecisionKind.FAULT) found++
  return found
}

const configuration = fc
  .record({
    tenants: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        hbm_bytes: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
        compute_share: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
        priority: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
        stream_limit: fc.option(fc.integer({ min: 1, max: 4096 }), { nil: undefined }),
      }),
      { selector: (t) => t.name, minLength: 1, maxLength: 5 },
    ),
    policy: fc.option(fc.record({ name: fc.constantFrom('passthrough', 'fair', 'static-split', 'dynamic-pd') }), {
      nil: undefined,
    }),
  })
  .map((value) => JSON.stringify(value))

/** The tables of the core as far as tenants go; refuses what the core would. */
class Model {
  readonly tenants = new Map<number, string>()
  readonly vnpus = new Map<number, number>()
  policy = 0

  apply(e: EventRecord): void {
    if (e.kind === 'TENANT_SET') this.tenants.set(e.tenant, describe(e))
    else if (e.kind === 'TENANT_REMOVE') {
      if (!this.tenants.delete(e.tenant)) throw new Error(`tenant ${e.tenant} is none`)
      if ([...this.vnpus.values()].includes(e.tenant)) throw new Error(`tenant ${e.tenant} has virtual NPUs`)
    } else if (e.kind === 'VNPU_REMOVE') {
      if (!this.vnpus.delete(e.vnpu)) throw new Error(`vnpu ${e.vnpu} is none`)
    } else if (e.kind === 'POLICY_SET') this.policy = e.policy
    else throw new Error(e.kind)
  }
}

const describe = (e: EventRecord & { kind: 'TENANT_SET' }): string =>
  [e.weight, e.priority, e.stream_limit, e.hbm_quota_bytes].join(' ')

const wanted = (tenants: Tenants): Map<number, string> =>
  new Map(tenants.tenants.map((t) => [t.number, describe(tenantSet(t) as EventRecord & { kind: 'TENANT_SET' })]))

const sorted = (map: Map<number, string>): [number, string][] => [...map].sort(([a], [b]) => a - b)

test('the events of every step give the new configuration, and the core finds no fault', () => {
  const device: EventRecord = {
    kind: 'DEVICE_ADD',
    flags: 0,
    stream: NONE,
    time_ns: 0n,
    device: 0,
    chip: 2,
    cube_cores: 0,
    vector_cores: 0,
    hbm_bytes: 0n,
    hbm_bytes_per_s: 0n,
  }
  fc.assert(
    fc.property(fc.array(configuration, { minLength: 2, maxLength: 6 }), (texts) => {
      core.reset()
      const model = new Model()
      expect(faults([device])).toBe(0)
      let before: Tenants = { tenants: [] }
      let vnpu = 0
      for (const text of texts) {
        const after = parseTenants(text, 'f', before)
        const vnpus = [...model.vnpus].map(([number, tenant]) => ({ vnpu: number, tenant }))
        const events = change(before, after, vnpus)
        for (const event of events) model.apply(event)
        expect(faults(events)).toBe(0)
        expect(sorted(model.tenants)).toEqual(sorted(wanted(after)))
        if (after.policy !== undefined) expect(model.policy).toBe(policyIds[after.policy.policy])
        // Nothing that is as before is said again.
        before = after.policy === undefined && before.policy !== undefined ? { ...after, policy: before.policy } : after
        expect(change(before, before, vnpus)).toEqual([])
        for (const { number } of after.tenants) {
          model.vnpus.set(vnpu, number)
          const add = {
            kind: 'VNPU_ADD',
            flags: 0,
            stream: NONE,
            time_ns: 0n,
            vnpu,
            tenant: number,
            device: 0,
          } as const
          expect(faults([add])).toBe(0)
          vnpu++
        }
      }
    }),
  )
})

async function withFile(text: string): Promise<Awaited<ReturnType<typeof startControl>> & { file: string; raw: Raw }> {
  const file = join(temporaryFolder(), 'tenants.yaml')
  writeFileSync(file, text)
  const started = await startControl({ tenants: readTenants(file), readTenants: (before) => readTenants(file, before) })
  return { ...started, file, raw: new Raw(started.socket) }
}

test('a reload sends what changed, and ends the clients of tenants that are gone and no others', async () => {
  const {
    file,
    raw,
    socket,
    core: fake,
    peer,
  } = await withFile('tenants: [{name: a, allow: [{uid: 1000}]}, {name: b, allow: [{uid: 2}]}]')
  const stays = new Raw(socket)
  await stays.ask(hello)
  peer.uid = 2
  const goes = new Raw(socket)
  await goes.ask(hello)
  writeFileSync(file, 'policy: {name: fair}\ntenants: [{name: a, priority: 3, allow: [{uid: 1000}]}, {name: c}]')
  expect(await raw.ask({ admin: 'reload' })).toEqual({ ok: true, events: 4, disconnected: 1 })
  await goes.closed
  expect(fake.events.map((e) => [e.kind, 'tenant' in e ? e.tenant : null])).toEqual([
    ['TENANT_REMOVE', 2],
    ['TENANT_SET', 1],
    ['TENANT_SET', 3],
    ['POLICY_SET', null],
  ])
  expect(fake.removed).toEqual([2])
  expect(await stays.ask({ ring: '/dev/shm/flexnpu.1000.1.1', thread: 1 })).toEqual({ ring: 0 })
})

test('a bad file changes nothing and is reported with its place', async () => {
  const { file, raw, socket, core: fake } = await withFile('tenants: [{name: a, allow: [{uid: 1000}]}]')
  const client = new Raw(socket)
  await client.ask(hello)
  writeFileSync(file, 'tenants:\n  - {name: b, priority: 77}\n')
  const error = `${file}:2:25: tenants[0].priority: must be a priority from 0 (greatest) to 7`
  expect(await raw.ask({ admin: 'reload' })).toEqual({ error })
  expect(fake.events).toEqual([])
  expect([...fake.clients.keys()]).toEqual([1])
  const again = new Raw(socket)
  expect(await again.ask(hello)).toMatchObject({ welcome: 2 })
})

test('without a file there is nothing to reload', async () => {
  const { socket } = await startControl()
  expect(await new Raw(socket).ask({ admin: 'reload' })).toMatchObject({ error: expect.stringMatching(/--config/) })
})
