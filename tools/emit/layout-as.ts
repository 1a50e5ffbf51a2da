/** Emits the record layouts and constants for the core: inlined loads and stores at fixed offsets. */
import {
  DECISION_BYTES,
  decisionFields,
  decisions,
  enums,
  EVENT_BYTES,
  eventHeader,
  events,
  limits,
  NONE,
  policyParameters,
  type Field,
} from '../../spec/records.ts'
import { banner, upperSnake } from './names.ts'

const wide = (f: Field): string => (f.type === 'u64' ? 'u64' : 'u32')

const loader = (prefix: string, f: Field): string =>
  `// @ts-ignore: decorator\n@inline export function ${prefix}_${f.name}(p: usize): ${wide(f)} { return load<${f.type}>(p, ${f.at}) }`

const storer = (prefix: string, f: Field): string =>
  `// @ts-ignore: decorator\n@inline export function set_${prefix}_${f.name}(p: usize, v: ${wide(f)}): void { store<${f.type}>(p, <${f.type}>v, ${f.at}) }`

/** The text of build/gen/as/layout.ts. */
export function emitLayoutAs(): string {
  const out: string[] = [`// ${banner('spec/records.ts')}`]
  const constant = (name: string, type: string, value: number) => out.push(`export const ${name}: ${type} = ${value}`)
  constant('EVENT_BYTES', 'u32', EVENT_BYTES)
  constant('DECISION_BYTES', 'u32', DECISION_BYTES)
  constant('NONE', 'u32', NONE)
  for (const [name, value] of Object.entries(limits)) constant(name, 'u32', value)
  for (const e of events) constant(`EVENT_${e.name}`, 'u32', e.id)
  for (const d of decisions) constant(`DECISION_${d.name}`, 'u32', d.id)
  for (const e of enums)
    for (const [name, value] of Object.entries(e.values)) constant(`${upperSnake(e.name)}_${name}`, 'u32', value)
  for (const [policy, parameters] of Object.entries(policyParameters))
    parameters.forEach((p, i) =>
      constant(`POLICY_DEFAULT_${policy.replaceAll('-', '_').toUpperCase()}_${i}`, 'u64', p.default),
    )
  for (const f of eventHeader) out.push(loader('event', f))
  for (const e of events) for (const f of e.fields) out.push(loader(e.name.toLowerCase(), f))
  for (const f of decisionFields) out.push(storer('decision', f))
  return out.join('\n') + '\n'
}
