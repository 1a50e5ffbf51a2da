/** Random programs for the machine: streams, kernels, copies, events and notifies, policies, late completions. */
import fc from 'fast-check'
import { OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { Machine } from './machine.ts'

const classes = {
  kernel: OpClass.KERNEL,
  copy: OpClass.COPY_H2D,
  record: OpClass.EVENT_RECORD,
  wait: OpClass.EVENT_WAIT,
  reset: OpClass.EVENT_RESET,
  notify: OpClass.NOTIFY_RECORD,
  await: OpClass.NOTIFY_WAIT,
  callback: OpClass.CALLBACK,
  block: OpClass.CALLBACK_BLOCK,
} as const

export interface Step {
  stream: number
  what: keyof typeof classes | 'sync' | 'pause' | 'policy' | 'hint' | 'remove' | 'destroy'
  /** Object, policy or phase. */
  n: number
  us: number
  /** Whether the host says of an operator that another follows; none may. */
  more: boolean
}

export interface Program {
  streams: number
  devices: number
  policy: number
  delay_us: number
  steps: Step[]
}

export const policies = [PolicyId.PASSTHROUGH, PolicyId.FAIR, PolicyId.STATIC_SPLIT, PolicyId.DYNAMIC_PD] as const

const step = fc.record({
  stream: fc.nat(5),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Step['what']>('kernel') },
    { weight: 8, arbitrary: fc.constantFrom<Step['what'][]>('record', 'wait', 'reset', 'copy', 'callback') },
    { weight: 2, arbitrary: fc.constantFrom<Step['what'][]>('sync', 'pause', 'notify', 'await', 'block') },
    { weight: 1, arbitrary: fc.constantFrom<Step['what'][]>('hint', 'policy', 'remove', 'destroy') },
  ),
  n: fc.nat(3),
  us: fc.oneof(fc.nat(60), fc.nat(4000)),
  more: fc.boolean(),
})

export const program: fc.Arbitrary<Program> = fc.record({
  streams: fc.integer({ min: 1, max: 6 }),
  devices: fc.integer({ min: 1, max: 2 }),
  policy: fc.constantFrom(...policies),
  delay_us: fc.nat(3000),
  steps: fc.array(step, { minLength: 1, maxLength: 250 }),
})

/** Names of the first notify: below are events. */
const NOTIFIES = 100

/** Runs a program to its end, or to an error. Of `lost` completion reports, one is lost (0: none is). */
export function play(
  { streams, devices, policy, delay_us, steps }: Program,
  lost = 0,
): { machine: Machine; work_ns: number } {
  let [turn, reports, work_ns] = [0, 0, 0]
  const lossy = (): boolean => lost > 0 && ++reports % lost === 0
  const machine = new Machine({ devices, lossy, delay: () => (turn++ % 3) * delay_us * 500 })
  machine.setPolicy(policy)
  for (let i = 0; i < streams; i++) machine.addStream(i % devices, i % 8)
  const notifies = Array.from({ length: devices }, (_, device) => machine.addStream(device))
  let at = machine.now
  for (const { stream, what, n, us, more } of steps) {
    const id = stream % streams
    if (what === 'policy') machine.at(at, () => machine.setPolicy(policies[n]!))
    else if (what === 'hint') machine.at(at, () => machine.hint(id, n))
    else if (what === 'remove') machine.at(at, () => n === 0 && machine.removeStream(id))
    else if (what === 'destroy') machine.at(at, () => machine.removeEvent(n))
    else if (what === 'sync') machine.at(at, () => machine.synchronize(id, () => undefined))
    else if (what === 'pause') at += us * 1000
    else {
      const notified = what === 'notify' || what === 'await'
      const object = notified
        ? { object: NOTIFIES + n }
        : ['record', 'wait', 'reset'].includes(what)
          ? { object: n }
          : {}
      const ns = what === 'kernel' || what === 'copy' || what === 'block' ? us * 1000 : 1000
      const op = { op_class: classes[what], ns, key: BigInt(n + 1), blocks: 8, bytes: us * 1000, ...object }
      machine.at(at, () => machine.issue(id, op, more))
      work_ns += ns
      /* Every wait for a notify is answered, later and from a stream that waits for nothing. */
      if (what === 'await') {
        const answer = { ...op, op_class: OpClass.NOTIFY_RECORD }
        machine.at(at + us * 1000, () => machine.issue(notifies[id % devices]!, answer))
      }
    }
    at += 2000
  }
  machine.run()
  return { machine, work_ns }
}
