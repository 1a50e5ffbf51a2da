/** The words of the predicate language. An error says at which character, and what was expected. */

export class PredicateError extends Error {
  override readonly name = 'PredicateError'
  /** Character, counted from 0. */
  readonly at: number

  constructor(at: number, reason: string) {
    super(`at character ${at + 1}: ${reason}`)
    this.at = at
  }
}

export type Token =
  | { kind: 'number'; at: number; value: number }
  | { kind: 'text'; at: number; value: string }
  | { kind: 'word'; at: number; value: string }
  | { kind: 'sign'; at: number; value: string }
  | { kind: 'end'; at: number; value: '' }

/** What a unit multiplies by: times are ns, sizes bytes, parts permille. */
const units: Record<string, number> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  '%': 10,
}

const signs = ['&&', '||', '==', '!=', '<=', '>=', '<', '>', '=', '~', '!', '(', ')', '[', ']', '.']

/** Cuts a text into words. Throws PredicateError. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)
    if (space !== null) {
      at += space[0].length
      continue
    }
    const token = numberAt(rest, at) ?? textAt(rest, at) ?? wordAt(rest, at) ?? signAt(rest, at)
    if (token === undefined) throw new PredicateError(at, `${JSON.stringify(rest[0])} means nothing here`)
    found.push(token.token)
    at += token.length
  }
  return [...found, { kind: 'end', at: text.length, value: '' }]
}

type Found = { token: Token; length: number } | undefined

function numberAt(rest: string, at: number): Found {
  const match = /^(0x[0-9a-f]+|\d[\d_]*(?:\.\d+)?)([a-z]+|%)?/i.exec(rest)
  if (match === null) return undefined
  const [whole, digits = '', unit] = match
  const factor = unit === undefined ? 1 : units[unit.toLowerCase()]
  if (factor === undefined) {
    throw new PredicateError(at + digits.length, `${unit} is no unit; units are ${Object.keys(units).join(', ')}`)
  }
  return { token: { kind: 'number', at, value: Number(digits.replaceAll('_', '')) * factor }, length: whole.length }
}

function textAt(rest: string, at: number): Found {
  const quote = rest[0]
  if (quote !== '"' && quote !== "'") return undefined
  const end = rest.indexOf(quote, 1)
  if (end < 0) throw new PredicateError(at, 'the text that begins here has no end')
  return { token: { kind: 'text', at, value: rest.slice(1, end) }, length: end + 1 }
}

function wordAt(rest: string, at: number): Found {
  const match = /^[a-z_]\w*/i.exec(rest)
  return match === null ? undefined : { token: { kind: 'word', at, value: match[0] }, length: match[0].length }
}

function signAt(rest: string, at: number): Found {
  const sign = signs.find((s) => rest.startsWith(s))
  return sign === undefined ? undefined : { token: { kind: 'sign', at, value: sign }, length: sign.length }
}
