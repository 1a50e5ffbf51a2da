/** The tenants' file: what is accepted, how complaints read, who belongs to whom, and that the schema is published. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { publishedSchema } from '../../host-node/tenants/schema.ts'
import { parseBytes } from '../../host-node/tenants/sizes.ts'
import { match, openToAll, parseTenants, readTenants } from '../../host-node/tenants/tenants.ts'
import { path } from '../../tools/build/steps.ts'

const full = `policy: {name: static-split, params: {prefill_permille: 300}}
default_tenant: guests
tenants:
  - name: serving
    hbm_bytes: 16GiB
    compute_share: 750
    priority: 1
    stream_limit: 64
    allow: [{uid: 1000}, {gid: 50, uid: 9}]
  - name: guests
    hbm_bytes: 1000000
`

test('the published schema is the one that is checked (npx tsx tools/publish/tenants-schema.ts)', () => {
  expect(readFileSync(path('docs', 'tenants.schema.json'), 'utf8')).toBe(publishedSchema())
})

test('a whole file', () => {
  expect(parseTenants(full, 'f')).toEqual({
    policy: { policy: 'static-split', parameters: [300n, 0n, 0n, 0n] },
    default_tenant: 'guests',
    tenants: [
      {
        number: 1,
        name: 'serving',
        hbm_bytes: 16 * 2 ** 30,
        weight: 750,
        priority: 1,
        stream_limit: 64,
        allow: [{ uid: 1000 }, { gid: 50, uid: 9 }],
      },
      { number: 2, name: 'guests', hbm_bytes: 1_000_000, weight: 1000, priority: 0, stream_limit: 0, allow: [] },
    ],
  })
})

test.each([
  ['16GiB', 16 * 2 ** 30],
  ['16GB', 16e9],
  ['1.5KiB', 1536],
  ['7 B', 7],
  ['1TiB', 2 ** 40],
  ['0B', undefined],
  ['0.3B', undefined],
  ['9000TiB', undefined],
  ['16gib', undefined],
  ['-1B', undefined],
])('size %s', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

const tenant = (rest: string): string => `tenants:\n  - name: a\n    ${rest}\n`

test.each([
  ['', /^f:1:1: must be a mapping with policy, default_tenant, tenants$/],
  ['tenants: [', /^f:1:\d+: /],
  ['tenants: []', /^f:1:10: tenants: must be a list of 1 to 255 tenants/],
  ['tenants:\n  - hbm_bytes: 5\n', /^f:2:5: tenants\[0\]: has no name$/],
  [tenant('priority: 8'), /^f:3:15: tenants\[0\]\.priority: must be a priority from 0 \(greatest\) to 7$/],
  [tenant('hbm_bytes: lots'), /^f:3:16: tenants\[0\]\.hbm_bytes: must be device memory: .* such as 16GiB/],
  [tenant('hbm_bytes: 0'), /^f:3:16: tenants\[0\]\.hbm_bytes: must be device memory/],
  [tenant('hbm_bytes: 0.1B'), /^f:3:16: tenants\[0\]\.hbm_bytes: is no whole number of bytes/],
  [tenant('compute_share: 0'), /^f:3:20: tenants\[0\]\.compute_share: must be a weight from 1 to 1000000/],
  [tenant('hbm: 5'), /^f:3:5: tenants\[0\]\.hbm: no such field; there are name, hbm_bytes, compute_share/],
  [tenant('allow: [{}]'), /^f:3:13: tenants\[0\]\.allow\[0\]: must be a user id, a group id, or both/],
  [tenant('name: b'), /^f:3:5: Map keys must be unique$/],
  [
    'tenants:\n  - name: a\n  - name: b\n  - name: a\n',
    /^f:4:11: tenants\[2\]\.name: 'a' is the name of tenants\[0\] already$/,
  ],
  ['tenants: [{name: a}]\ndefault_tenant: b\n', /^f:2:17: default_tenant: there is no tenant 'b'; there are a$/],
  ['tenants: [{name: a}]\npolicy: {name: nice}\n', /^f:2:16: policy\.name: must be one of passthrough, fair/],
  [
    'tenants: [{name: a}]\npolicy: {name: fair, params: {x: 1}}\n',
    /^f:2:30: policy\.params: x=1: policy fair has window_ns$/,
  ],
  ['tenants: [{name: a, x: 1}, {name: b, priority: 9}]', /^f:1:21: .*; f:1:48: tenants\[1\]\.priority/],
  [`tenants: [${'{name: "!"}, '.repeat(9)}]`, /; and 4 more$/],
  [
    'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\ntenants: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n',
    /^f:1:1: /,
  ],
])('a complaint names line and column: %j', (text, message) => {
  expect(() => parseTenants(text, 'f')).toThrow(message)
})

test('a file that is not there', () => {
  expect(() => readTenants('/nowhere/tenants.yaml')).toThrow('/nowhere/tenants.yaml: no such file')
})

test('who belongs to whom: the first that allows, then the default, else why not', () => {
  const tenants = parseTenants(
    `tenants:
  - {name: both, allow: [{uid: 1, gid: 2}]}
  - {name: user, allow: [{uid: 1}]}
  - {name: group, allow: [{gid: 2}]}
`,
    'f',
  )
  const name = (uid: number, gid: number): string => {
    const found = match(tenants, { uid, gid })
    return 'why' in found ? found.why : found.name
  }
  expect([name(1, 2), name(1, 3), name(3, 2)]).toEqual(['both', 'user', 'group'])
  expect(name(3, 3)).toMatch(/no tenant allows user 3, group 3/)
  expect(match(parseTenants(full, 'f'), { uid: 3, gid: 3 })).toMatchObject({ name: 'guests' })
  expect(match(openToAll(), { uid: 3, gid: 3 })).toMatchObject({ number: 0, name: 'default' })
})

const named = (...names: string[]): string => `tenants: [${names.map((name) => `{name: ${name}}`).join(', ')}]`

test('numbers stay with names; those of tenants that go are given again only when no other is left', () => {
  const first = parseTenants(named('a', 'b'), 'f')
  const second = parseTenants(named('c', 'b'), 'f', first)
  expect(second.tenants.map((t) => [t.name, t.number])).toEqual([
    ['c', 3],
    ['b', 2],
  ])
  const all = Array.from({ length: 255 }, (_, i) => `t${i}`)
  const crowded = parseTenants(named(...all), 'f')
  const next = parseTenants(named(...all.slice(1), 'new'), 'f', crowded)
  expect(next.tenants.at(-1)).toMatchObject({ name: 'new', number: 1 })
  expect(new Set(next.tenants.map((t) => t.number)).size).toBe(255)
})
