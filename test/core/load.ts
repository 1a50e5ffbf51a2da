/** Steady load for a machine: streams that always have so many operators out, and what became of it. */
import { OpClass, Phase, PhaseSource } from '../../build/gen/ts/records.ts'
import type { Machine, Op } from './machine.ts'

/** A compute-bound kernel, as prefill runs; `us` on an idle device. */
export const prefillOp = (us: number): Op => ({
  op_class: OpClass.KERNEL,
  ns: us * 1000,
  key: 1n,
  blocks: 24,
  compute: 0.9,
  bandwidth: 0.2,
})

/** A bandwidth-bound kernel, as decode runs. */
export const decodeOp = (us: number): Op => ({
  op_class: OpClass.KERNEL,
  ns: us * 1000,
  key: 2n,
  blocks: 24,
  compute: 0.1,
  bandwidth: 0.8,
})

/** A kernel that has the device to itself. */
export const plainOp = (us: number): Op => ({ op_class: OpClass.KERNEL, ns: us * 1000, key: 3n, blocks: 24 })

/** How often the application looks whether it may issue more, ns. */
const LOOK_NS = 50_000

/** Keeps `depth` operators of a stream issued and not complete, from now until `until` (ns). */
export function keepBusy(machine: Machine, id: number, op: Op, depth: number, until: number): void {
  const s = machine.streams[id]!
  const look = (): void => {
    if (machine.now >= until) return
    while (s.issued - s.complete < depth) machine.issue(id, op)
    machine.at(machine.now + LOOK_NS, look)
  }
  machine.at(machine.now, look)
}

/** Steps of `count` operators, one step every `every_ns`, or when the step before is done. Returns how long each took, ns. */
export function steps(machine: Machine, id: number, op: Op, count: number, every_ns: number, until: number): number[] {
  const took: number[] = []
  const begin = (): void => {
    if (machine.now >= until) return
    const begun = machine.now
    for (let i = 0; i < count; i++) machine.issue(id, op)
    machine.synchronize(id, () => {
      took.push(machine.now - begun)
      machine.at(Math.max(machine.now, begun + every_ns), begin)
    })
  }
  machine.at(machine.now, begin)
  return took
}

/** A stream whose phase was said by a hint. */
export function hinted(machine: Machine, phase: number, vnpu = 0): number {
  const id = machine.addStream(vnpu)
  machine.hint(id, phase, PhaseSource.HINT)
  return id
}

export const prefillStream = (machine: Machine): number => hinted(machine, Phase.PREFILL)
export const decodeStream = (machine: Machine): number => hinted(machine, Phase.DECODE)

/** Operators complete since the last call. */
export function progress(machine: Machine, id: number): () => number {
  let before = machine.streams[id]!.complete
  return () => {
    const done = machine.streams[id]!.complete - before
    before += done
    return done
  }
}
