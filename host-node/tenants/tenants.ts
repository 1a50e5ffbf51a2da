/**
 * The tenants of a daemon: read from a YAML file, checked whole before anything is made of them. Every complaint names
 * file, line and column. A tenant keeps its number over reloads as long as its name is in the file, because its clients
 * and the recording know it by that number.
 */
import { readFileSync, statSync } from 'node:fs'
import { Ajv, type ErrorObject } from 'ajv'
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'
import { choosePolicy, type PolicyChoice } from '../cli/policy.ts'
import { tenantsSchema, type TenantsFile } from './schema.ts'
import { parseBytes } from './sizes.ts'

/** Longer is no tenants' file; it keeps a mistaken path from being read into memory. */
const MOST_BYTES = 4 * 1024 * 1024
/** Complaints that one message holds. */
const MOST_COMPLAINTS = 5

export interface Allowed {
  uid?: number
  gid?: number
}

/** A tenant; 0 is no limit. */
export interface Tenant {
  number: number
  name: string
  weight: number
  priority: number
  stream_limit: number
  hbm_bytes: number
  allow: Allowed[]
}

export interface Tenants {
  tenants: Tenant[]
  /** Tenant of whoever no tenant allows. */
  default_tenant?: string
  /** What the file asks for; without it the policy stays what it is. */
  policy?: PolicyChoice
}

/** The peer of a connection, as far as tenants ask. */
export interface Owner {
  uid: number
  gid: number
}

/** Without a file: one tenant, the core's own, for everyone who can reach the socket. */
export const openToAll = (): Tenants => ({
  tenants: [{ number: 0, name: 'default', weight: 1000, priority: 0, stream_limit: 0, hbm_bytes: 0, allow: [] }],
  default_tenant: 'default',
})

const validate = new Ajv({ allErrors: true, verbose: true }).compile<TenantsFile>(tenantsSchema)

/** Reads a file. `before` are the tenants whose numbers go on. Throws UserError. */
export function readTenants(file: string, before?: Tenants): Tenants {
  let text: string
  try {
    if (statSync(file).size > MOST_BYTES) throw new UserError(`${file}: longer than ${MOST_BYTES} bytes`)
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof UserError) throw error
    const code = codeOf(error)
    throw new UserError(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`)
  }
  return parseTenants(text, file, before)
}

/** A place in the file: keys and indices from the top, and whether the key there is meant, not its value. */
interface Complaint {
  path: (string | number)[]
  ofKey?: boolean
  what: string
}

/** Parses the text of a file; `file` is for messages. Throws UserError. */
export function parseTenants(text: string, file: string, before?: Tenants): Tenants {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  const broken = document.errors[0]
  if (broken !== undefined) throw new UserError(`${place(broken.pos[0])}: ${firstLine(broken.message)}`)
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    throw new UserError(`${place(0)}: ${error instanceof Error ? firstLine(error.message) : String(error)}`)
  }
  const refuse = (complaints: Complaint[]): never => {
    const shown = complaints.slice(0, MOST_COMPLAINTS)
    const rest = complaints.length - shown.length
    const texts = shown.map((c) => `${place(offsetOf(document, c))}: ${spoken(c.path)}${c.what}`)
    throw new UserError(texts.join('; ') + (rest > 0 ? `; and ${rest} more` : ''))
  }
  if (!validate(value)) return refuse(complaintsOf(value, validate.errors ?? []))
  const complaints: Complaint[] = []
  const result = resolve(value, complaints, before)
  return complaints.length > 0 ? refuse(complaints) : result
}

/** yaml shows the place in the lines after the first; its own "at line" is ours to say. */
const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')

const spoken = (path: (string | number)[]): string =>
  path.length === 0
    ? ''
    : `${path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('')}: `

/** Where to point: the key or value at the path, or the nearest thing around it that is in the text. */
function offsetOf(document: Document, { path, ofKey }: Complaint): number {
  if (ofKey === true) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
  }
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** ajv's errors as complaints: one a place, the innermost first, in words of the schema. */
function complaintsOf(value: unknown, errors: ErrorObject[]): Complaint[] {
  const found = new Map<string, Complaint>()
  const branches = new Set(errors.filter((e) => e.keyword === 'anyOf').map((e) => e.instancePath))
  for (const error of errors) {
    // The branches of an anyOf say each what they would have liked; the anyOf itself says it for all.
    if (branches.has(error.instancePath) && error.keyword !== 'anyOf') continue
    const path = steps(value, error.instancePath)
    let complaint: Complaint
    if (error.keyword === 'additionalProperties') {
      const name = String(error.params.additionalProperty)
      const known = Object.keys((error.parentSchema?.properties ?? {}) as object).join(', ')
      complaint = { path: [...path, name], ofKey: true, what: `no such field; there are ${known}` }
    } else if (error.keyword === 'required') {
      complaint = { path, what: `has no ${String(error.params.missingProperty)}` }
    } else {
      const wanted = error.parentSchema?.description as string | undefined
      complaint = { path, what: wanted === undefined ? (error.message ?? error.keyword) : `must be ${wanted}` }
    }
    const key = `${JSON.stringify(complaint.path)}${error.keyword === 'required' ? complaint.what : ''}`
    if (!found.has(key)) found.set(key, complaint)
  }
  return [...found.values()]
}

/** A JSON pointer as the steps that lead there in this value: indices of lists are numbers. */
function steps(value: unknown, pointer: string): (string | number)[] {
  let at = value
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const name = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(at) ? Number(name) : name
      at = (at as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

function resolve(file: TenantsFile, complaints: Complaint[], before?: Tenants): Tenants {
  const names = new Map<string, number>()
  for (const [i, { name }] of file.tenants.entries()) {
    const first = names.get(name)
    if (first === undefined) names.set(name, i)
    else complaints.push({ path: ['tenants', i, 'name'], what: `'${name}' is the name of tenants[${first}] already` })
  }
  if (file.default_tenant !== undefined && !names.has(file.default_tenant)) {
    const known = [...names.keys()].join(', ')
    complaints.push({
      path: ['default_tenant'],
      what: `there is no tenant '${file.default_tenant}'; there are ${known}`,
    })
  }
  const numbers = numbered([...names.keys()], before)
  const tenants = file.tenants.map((t, i): Tenant => {
    const hbm = typeof t.hbm_bytes === 'string' ? parseBytes(t.hbm_bytes) : (t.hbm_bytes ?? 0)
    if (hbm === undefined) {
      complaints.push({ path: ['tenants', i, 'hbm_bytes'], what: 'is no whole number of bytes from 1 to 2^53 - 1' })
    }
    return {
      number: numbers.get(t.name) as number,
      name: t.name,
      weight: t.compute_share ?? 1000,
      priority: t.priority ?? 0,
      stream_limit: t.stream_limit ?? 0,
      hbm_bytes: hbm ?? 0,
      allow: t.allow ?? [],
    }
  })
  const policy = file.policy === undefined ? undefined : policyOf(file.policy, complaints)
  return {
    tenants,
    ...(file.default_tenant === undefined ? {} : { default_tenant: file.default_tenant }),
    ...(policy === undefined ? {} : { policy }),
  }
}

function policyOf(asked: NonNullable<TenantsFile['policy']>, complaints: Complaint[]): PolicyChoice | undefined {
  const settings = Object.entries(asked.params ?? {}).map(([name, value]) => `${name}=${value}`)
  try {
    return choosePolicy(asked.name, settings, '')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    complaints.push({ path: ['policy', 'params'], what: error.message })
    return undefined
  }
}

/** A number for each name: the one it has, or the least that nobody has had until now, so that reuse comes last. */
function numbered(names: string[], before?: Tenants): Map<string, number> {
  const had = new Map((before?.tenants ?? []).filter((t) => t.number !== 0).map((t) => [t.name, t.number]))
  const result = new Map<string, number>()
  for (const name of names) if (had.has(name)) result.set(name, had.get(name) as number)
  const kept = new Set(result.values())
  const all = new Set(had.values())
  const free: number[] = []
  for (let n = 1; n <= 255; n++) if (!all.has(n)) free.push(n)
  for (let n = 1; n <= 255; n++) if (all.has(n) && !kept.has(n)) free.push(n)
  for (const name of names) if (!result.has(name)) result.set(name, free.shift() as number)
  return result
}

/** The tenant of a peer, or why it has none. */
export function match({ tenants, default_tenant }: Tenants, peer: Owner): Tenant | { why: string } {
  const allows = (a: Allowed): boolean =>
    (a.uid === undefined || a.uid === peer.uid) && (a.gid === undefined || a.gid === peer.gid)
  const found =
    tenants.find((t) => t.allow.some(allows)) ??
    (default_tenant === undefined ? undefined : tenants.find((t) => t.name === default_tenant))
  return found ?? { why: `no tenant allows user ${peer.uid}, group ${peer.gid}, and there is no default tenant` }
}
