/**
 * The grammar of predicates; what the names in it mean is in fields.ts.
 *
 *   condition  = and { ("or" | "||") and }
 *   and        = not { ("and" | "&&") not }
 *   not        = [ "not" | "!" ] comparison
 *   comparison = value [ ("==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~") value ] | "(" condition ")"
 *   value      = number [unit] | text | name [ "[" number "]" ] [ "." name ]
 */
import { PredicateError, tokens, type Token } from './tokens.ts'

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '~'

export type Node =
  | { kind: 'or' | 'and'; left: Node; right: Node }
  | { kind: 'not'; of: Node }
  | { kind: 'compare'; operator: Operator; left: Value; right: Value }
  | Value

export type Value =
  | { kind: 'constant'; at: number; value: number | string }
  | { kind: 'name'; at: number; root: string; index?: number; field?: string }

/** The tree of a predicate. Throws PredicateError. */
export function parse(text: string): Node {
  const parser = new Parser(tokens(text))
  return parser.all()
}

const operators = new Set(['==', '!=', '<', '<=', '>', '>=', '~'])

class Parser {
  readonly #tokens: Token[]
  #at = 0

  constructor(all: Token[]) {
    this.#tokens = all
  }

  all(): Node {
    const node = this.#or()
    if (this.#next.kind !== 'end') throw this.#unexpected('the end, `and` or `or`')
    return node
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #take(): Token {
    return this.#tokens[this.#at++] as Token
  }

  #is(...values: string[]): boolean {
    const { kind, value } = this.#next
    return (kind === 'sign' || kind === 'word') && values.includes(String(value).toLowerCase())
  }

  #unexpected(expected: string): PredicateError {
    const { at, kind, value } = this.#next
    return new PredicateError(at, `expected ${expected}, found ${kind === 'end' ? 'the end' : `\`${value}\``}`)
  }

  #or(): Node {
    let left = this.#and()
    while (this.#is('or', '||')) {
      this.#take()
      left = { kind: 'or', left, right: this.#and() }
    }
    return left
  }

  #and(): Node {
    let left = this.#not()
    while (this.#is('and', '&&')) {
      this.#take()
      left = { kind: 'and', left, right: this.#not() }
    }
    return left
  }

  #not(): Node {
    if (!this.#is('not', '!')) return this.#comparison()
    this.#take()
    return { kind: 'not', of: this.#not() }
  }

  #comparison(): Node {
    if (this.#is('(')) {
      this.#take()
      const inner = this.#or()
      if (!this.#is(')')) throw this.#unexpected('`)`')
      this.#take()
      return inner
    }
    const left = this.#value()
    const sign = this.#next.kind === 'sign' && this.#next.value === '=' ? '==' : this.#next.value
    if (this.#next.kind !== 'sign' || !operators.has(String(sign))) return left
    this.#take()
    return { kind: 'compare', operator: sign as Operator, left, right: this.#value() }
  }

  #value(): Value {
    const token = this.#next
    if (token.kind === 'number' || token.kind === 'text') {
      this.#take()
      return { kind: 'constant', at: token.at, value: token.value }
    }
    if (token.kind !== 'word') throw this.#unexpected('a number, a text or a name')
    this.#take()
    const index = this.#index()
    const field = this.#field()
    return {
      kind: 'name',
      at: token.at,
      root: token.value.toLowerCase(),
      ...(index !== undefined && { index }),
      ...(field !== undefined && { field }),
    }
  }

  #index(): number | undefined {
    if (!this.#is('[')) return undefined
    this.#take()
    const { kind, value } = this.#next
    if (kind !== 'number') throw this.#unexpected('a number')
    this.#take()
    if (!this.#is(']')) throw this.#unexpected('`]`')
    this.#take()
    return value as number
  }

  #field(): string | undefined {
    if (!this.#is('.')) return undefined
    this.#take()
    if (this.#next.kind !== 'word') throw this.#unexpected('the name of a field')
    return String(this.#take().value).toLowerCase()
  }
}
