/**
 * Turns the policy and its parameters, as users name them, into what the shim is told. The names and their order come
 * from spec/records.ts only.
 */
import { policyIds, policyParameters } from '../../spec/records.ts'
import { UserError } from './errors.ts'

/** The policy where none is named: the one that FlexNPU is for. */
export const DEFAULT_POLICY = 'dynamic-pd'

/** How many parameters a POLICY_SET event carries. */
const PARAMETER_SLOTS = 4

const U64_MAX = 2n ** 64n - 1n

/** A policy that exists, with a value for each of its four slots; 0 takes the default. */
export interface PolicyChoice {
  policy: string
  parameters: bigint[]
}

/**
 * Checks a policy name and `name=value` settings. Throws UserError that names what exists; `before` stands in front of a
 * setting in messages, so that they speak of where the user wrote it.
 */
export function choosePolicy(policy: string, settings: readonly string[], before = '--policy-param '): PolicyChoice {
  if (!Object.hasOwn(policyIds, policy)) {
    throw new UserError(`unknown policy '${policy}'; there are ${Object.keys(policyIds).join(', ')}`)
  }
  const known = policyParameters[policy] ?? []
  const parameters = Array.from({ length: PARAMETER_SLOTS }, () => 0n)
  for (const setting of settings) {
    const equals = setting.indexOf('=')
    if (equals < 1) throw new UserError(`${before}${setting}: write it as name=value`)
    const name = setting.slice(0, equals)
    const slot = known.findIndex((parameter) => parameter.name === name)
    if (slot < 0) {
      const names = known.map((parameter) => parameter.name).join(', ')
      const has = names === '' ? 'has no parameters' : `has ${names}`
      throw new UserError(`${before}${setting}: policy ${policy} ${has}`)
    }
    parameters[slot] = parseValue(before + setting, name, setting.slice(equals + 1))
  }
  return { policy, parameters }
}

function parseValue(setting: string, name: string, text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new UserError(`${setting}: the value must be a whole number`)
  const value = BigInt(text)
  const most = name.endsWith('_permille') ? 1000n : U64_MAX
  if (value > most) throw new UserError(`${setting}: the value must be at most ${most}`)
  return value
}

/** The policies and their parameters, as help text. */
export function policyHelp(): string {
  const lines = ['', 'Policies and their parameters (--policy-param name=value; 0 takes the default):']
  for (const policy of Object.keys(policyIds)) {
    lines.push(`  ${policy}${policy === DEFAULT_POLICY ? ' (default)' : ''}`)
    for (const { name, default: value, doc } of policyParameters[policy] ?? []) {
      lines.push(`    ${name.padEnd(20)} ${doc} (${value})`)
    }
  }
  return lines.join('\n')
}
