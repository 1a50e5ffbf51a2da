/**
 * `npm run bench -- core`: nanoseconds a decision in V8 and in wasm2c, with 1 to 4,096 live streams that compete for one
 * device. The core decides at every event: a figure is the median over rounds of time by events, under the slower of the
 * policies fair and dynamic-pd. `by_operator` divides by the operators submitted instead (each has its submission and
 * its part of a completion), `by_record` by the decision records written, of which one often sends several operators.
 * Both hosts run the same bytes, and must make the same decisions.
 */
import { machineNote } from '../harness/machine.ts'
import { median, rounded } from '../harness/median.ts'
import { options } from '../harness/options.ts'
import { progress } from '../harness/progress.ts'
import { buildWasm2c, newCore, timeV8, timeWasm2c, type Rounds } from './hosts.ts'
import { policies, streamCounts, workload, type PolicyName } from './workload.ts'

/** Timed events; a quick run still has every stream live. */
const EVENTS = 100_000
const QUICK_EVENTS = 10_000
const SEED = 20_260_604

type Figures = Record<string, number>

const names = Object.keys(policies) as PolicyName[]

const { json, quick } = options('core')
const rounds: Rounds = quick ? { warmup: 1, timed: 3 } : { warmup: 3, timed: 11 }
await buildWasm2c()

type ByPolicy = Record<PolicyName, { v8: Figures; wasm2c: Figures }>
const empty = (): ByPolicy => Object.fromEntries(names.map((name) => [name, { v8: {}, wasm2c: {} }])) as ByPolicy
const [by_policy, by_operator, by_record] = [empty(), empty(), empty()]
const bar = progress('core', names.length * streamCounts.length)
for (const policy of names) {
  for (const streams of streamCounts) {
    bar.step(`${policy}, ${streams} ${streams === 1 ? 'stream' : 'streams'}`)
    const load = workload(newCore(), policy, streams, quick ? QUICK_EVENTS : EVENTS, SEED)
    const [v8, wasm2c] = [timeV8(newCore(), load, rounds), timeWasm2c(load, rounds)]
    if (v8.decision_hash !== wasm2c.decision_hash || v8.decisions !== wasm2c.decisions) {
      throw new Error(`${policy}, ${streams} streams: V8 and wasm2c decided differently`)
    }
    for (const [host, timing] of [
      ['v8', v8],
      ['wasm2c', wasm2c],
    ] as const) {
      const ns = median(timing.round_ns)
      by_policy[policy][host][streams] = rounded(ns / load.events)
      by_operator[policy][host][streams] = rounded(ns / load.operators)
      by_record[policy][host][streams] = rounded(ns / timing.decisions)
    }
  }
}
bar.done()

const slowest = (host: 'v8' | 'wasm2c'): Figures =>
  Object.fromEntries(streamCounts.map((n) => [n, Math.max(...names.map((name) => by_policy[name][host][n] as number))]))

if (json) {
  process.stdout.write(
    `${JSON.stringify({ v8: slowest('v8'), wasm2c: slowest('wasm2c'), by_policy, by_operator, by_record })}\n`,
  )
} else {
  const lines = [`nanoseconds a decision (an event), ${machineNote()}`, row('policy', 'host', streamCounts.map(String))]
  for (const name of names) {
    for (const host of ['v8', 'wasm2c'] as const) {
      lines.push(
        row(
          name,
          host,
          streamCounts.map((n) => (by_policy[name][host][n] as number).toFixed(1)),
        ),
      )
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function row(policy: string, host: string, figures: readonly string[]): string {
  return `${policy.padEnd(12)}${host.padEnd(8)}${figures.map((figure) => figure.padStart(9)).join('')}`
}
