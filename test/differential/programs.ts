/**
 * Random programs over AscendCL for test/shim/programs/interpreter.c. A program is drawn as a list of free choices, which
 * fast-check shrinks, and then made valid: streams belong to threads, whatever concerns one event or notify is issued in
 * the order of the list, and a wait absorbs what the record before it published. So it is free of races: every order that
 * AscendCL allows leaves the same memory, and every call the same code.
 */
import fc from 'fast-check'

/** What a step does: the words of the interpreter. */
const kinds = {
  append: 12,
  config: 3,
  memset: 3,
  h2d: 3,
  d2h: 3,
  d2d: 2,
  digest: 4,
  record: 6,
  wait: 6,
  notify: 3,
  await: 3,
  reset: 1,
  host: 3,
  sync: 1,
  syncevent: 1,
  syncdevice: 1,
  question: 2,
  memory: 1,
  graph: 2,
  renew: 1,
  wrong: 3,
} as const
type Kind = keyof typeof kinds

const EVENTS = 4
const NOTIFIES = 4
/** In the place of the step that recorded it: it was awaited. */
const DONE = -2
/** Cases of `wrong` in the interpreter. */
const WRONGS = 20

interface Choice {
  kind: Kind
  stream: number
  object: number
  value: number
  bytes: number
  flag: boolean
}

interface Choices {
  threads: number
  streams: number
  choices: Choice[]
}

export const programs: fc.Arbitrary<Choices> = fc.record({
  threads: fc.integer({ min: 1, max: 4 }),
  streams: fc.integer({ min: 1, max: 7 }),
  choices: fc.array(
    fc.record({
      kind: fc.oneof(
        ...Object.entries(kinds).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Kind) })),
      ),
      stream: fc.nat(63),
      object: fc.nat(63),
      value: fc.nat(1_000_000),
      /* Most operators are short; some take long enough for others to wait. */
      bytes: fc.oneof({ weight: 4, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.nat(100_000_000) }),
      flag: fc.boolean(),
    }),
    { minLength: 1, maxLength: 120, size: 'max' },
  ),
})

/** The text of a program. */
export function programText({ threads, streams, choices }: Choices): string {
  const count = Math.max(threads, streams)
  const lines = [`${threads} ${count} ${EVENTS} ${NOTIFIES}`]
  const events = Array.from({ length: EVENTS }, () => ({ touched: -1, slot: -1 }))
  const signals = Array.from({ length: NOTIFIES }, () => ({ touched: -1, slot: -1 }))
  for (const c of choices) {
    const step = lines.length - 1
    const stream = c.stream % count
    const numbers = numbersOf(c, stream)
    let { kind } = c
    let after = -1
    if (kind === 'notify' || kind === 'await') {
      /*
       * Each is recorded once, then awaited once: a wait without a record would never end, and a second record that comes
       * to the device before the first was waited for is none.
       */
      const number = signals.findIndex((n) => n.slot !== DONE)
      const n = signals[number]
      if (n === undefined) continue
      kind = n.slot < 0 ? 'notify' : 'await'
      after = n.touched
      n.touched = step
      const slot = kind === 'notify' ? step : n.slot
      n.slot = kind === 'notify' ? step : DONE
      numbers.splice(1, 3, number, slot, c.bytes)
    } else if (['record', 'wait', 'reset', 'syncevent', 'question'].includes(kind)) {
      const e = events[c.object % EVENTS]!
      after = e.touched
      e.touched = step
      if (kind === 'record') e.slot = step
      if (kind === 'reset') e.slot = -1
      numbers.splice(1, 3, c.object % EVENTS, e.slot, c.bytes)
    }
    lines.push([stream % threads, after, kind, ...numbers].join(' '))
  }
  return `${lines.join('\n')}\n`
}

/** Numbers of a step; the first is its stream. */
function numbersOf(c: Choice, stream: number): number[] {
  switch (c.kind) {
    case 'append':
    case 'config':
      return [stream, c.value, c.bytes]
    case 'digest':
      return [stream, c.object % 2, c.bytes]
    case 'memset':
    case 'h2d':
    case 'd2h':
    case 'd2d':
      return [stream, c.object % 2, c.value % 256, c.flag ? 1 : 0]
    case 'memory':
      return [64 + (c.bytes % 100_000), c.value % 256, c.object]
    case 'graph':
      return [stream, 1 + (c.object % 6), c.value, c.bytes % 4]
    case 'renew':
      return [stream, c.object % 8]
    case 'wrong':
      return [stream, c.object % WRONGS]
    case 'host':
      return [stream, c.value]
    default:
      return [stream]
  }
}
