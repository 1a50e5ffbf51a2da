/** Turns the text of a predicate into something that can be asked at a place in a recording. */
import { fieldsOf, meaning, roots, type Answer, type Meaning, type Place } from './fields.ts'
import { parse, type Node, type Operator, type Value } from './parse.ts'
import { PredicateError } from './tokens.ts'

export { PredicateError } from './tokens.ts'
export type { Answer, Place } from './fields.ts'

export interface Predicate {
  text: string
  /** Its value there; of a condition, whether it holds. */
  at: (place: Place) => Answer
  /** It is a condition, and not a mere value. */
  condition: boolean
  /** It asks for core state, so events have to be executed to tell. */
  state: boolean
  /** It is about decisions: asked for each, and not for events. */
  decision: boolean
}

/** Reads a predicate. Throws PredicateError that says where it is wrong, and what would be right. */
export function compile(text: string): Predicate {
  const node = parse(text)
  const used: Meaning[] = []
  const at = build(node, used)
  const condition = node.kind !== 'constant' && (node.kind !== 'name' || isFlag(node))
  return { text, at, condition, state: used.some((m) => m.state), decision: used.some((m) => m.decision) }
}

const isFlag = (node: Value): boolean =>
  node.kind === 'name' && ['credit', 'mark', 'sample', 'held'].includes(node.field ?? '') && node.root !== 'tenant'

type Asked = (place: Place) => Answer

function build(node: Node, used: Meaning[]): Asked {
  if (node.kind === 'or' || node.kind === 'and') {
    const [left, right] = [build(node.left, used), build(node.right, used)]
    return node.kind === 'or' ? (p) => truth(left(p)) || truth(right(p)) : (p) => truth(left(p)) && truth(right(p))
  }
  if (node.kind === 'not') {
    const of = build(node.of, used)
    return (p) => !truth(of(p))
  }
  if (node.kind === 'compare') return comparison(node.operator, node.left, node.right, used)
  return value(node as Value, undefined, used).read
}

const truth = (answer: Answer): boolean => answer !== undefined && answer !== false && answer !== 0 && answer !== ''

const isRoot = (word: string): boolean => (roots as readonly string[]).includes(word)

/** A bare word that is no name is a constant; where the other side has named values it has to be one of them. */
function value(node: Value, other: Meaning | undefined, used: Meaning[]): Meaning {
  if (node.kind === 'constant') return { read: () => node.value, state: false, decision: false }
  const bare = node.index === undefined && node.field === undefined
  if (bare && !isRoot(node.root)) {
    if (other === undefined) throw new PredicateError(node.at, `${node.root} is no name; names are ${roots.join(', ')}`)
    if (node.root === 'true' || node.root === 'false') {
      return { read: () => node.root === 'true', state: false, decision: false }
    }
    if (other.values !== undefined && !other.values.includes(node.root)) {
      throw new PredicateError(node.at, `no value ${node.root} there; values are ${other.values.join(', ')}`)
    }
    return { read: () => node.root, state: false, decision: false }
  }
  const found = meaning(node.root, node.index, node.field)
  if (found === undefined) {
    if (!isRoot(node.root)) throw new PredicateError(node.at, `${node.root} is no name; names are ${roots.join(', ')}`)
    const fields = fieldsOf(node.root)
    const name = node.field === undefined ? 'needs a field' : `has no field ${node.field}`
    throw new PredicateError(
      node.at,
      `${node.root} ${name}${fields.length > 0 ? `; fields are ${fields.join(', ')}` : ''}`,
    )
  }
  used.push(found)
  return found
}

function comparison(operator: Operator, left: Value, right: Value, used: Meaning[]): Asked {
  const isNamed = (side: Value): boolean => side.kind === 'name' && (isRoot(side.root) || side.field !== undefined)
  const named = isNamed(left) || !isNamed(right)
  const first = named ? value(left, undefined, used) : value(right, undefined, used)
  const second = named ? value(right, first, used) : value(left, first, used)
  const [a, b] = named ? [first.read, second.read] : [second.read, first.read]
  return (place) => compare(operator, a(place), b(place))
}

function compare(operator: Operator, a: Answer, b: Answer): boolean {
  // What is not there compares as nothing.
  if (a === undefined || b === undefined) return false
  if (operator === '~') return String(a).toLowerCase().includes(String(b).toLowerCase())
  if (typeof a === 'string' || typeof b === 'string') {
    const same = String(a).toLowerCase() === String(b).toLowerCase()
    return operator === '==' ? same : operator === '!=' ? !same : false
  }
  const [x, y] = [Number(a), Number(b)]
  if (operator === '==') return x === y
  if (operator === '!=') return x !== y
  if (operator === '<') return x < y
  if (operator === '<=') return x <= y
  return operator === '>' ? x > y : x >= y
}
