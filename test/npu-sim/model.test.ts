/**
 * The execution model by itself, in V8: roofline times, max-min sharing, and that work is conserved whatever starts
 * and ends when. Expected times are computed here from the published figures, not taken from the model.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildNpuSimModel } from '../../npu-sim/build.ts'

interface Model {
  init(chip: number): number
  chip_count(): number
  cube_cores(): number
  vector_cores(): number
  hbm_bytes(): bigint
  now(): bigint
  next(): bigint
  advance(to: bigint): number
  cancel(tag: number): number
  start_kernel(
    tag: number,
    inGraph: number,
    blocks: number,
    cubeOps: number,
    vectorOps: number,
    hbmBytes: number,
    linkBytes: number,
  ): number
  start_copy(tag: number, inGraph: number, direction: number, bytes: number): number
  cube_ops_done(): number
  vector_ops_done(): number
  hbm_bytes_done(): number
  copy_bytes_done(): number
  busy_ns(): bigint
  utilization_permille(resource: number, span: bigint): number
  next_of(first: number, count: number): bigint
  cancel_of(first: number, count: number): void
  memory: WebAssembly.Memory
  state_address(): number
  save(): number
  restore(bytes: number): number
}

const NONE = -1
/** `next` where nothing is on the device: all ones, which V8 shows signed. */
const NEVER = -1n
const B2 = 1
// Ascend910B2, what kernels reach of the peaks: operations and bytes a nanosecond.
const CUBE = 0.7 * 376e3
const VECTOR = 0.7 * 22e3
const HBM = (0.6 * 1.6 * 2 ** 40) / 1e9
const GAP = 2000
const MATMUL = GAP + 5000
const ELEMENTWISE = GAP + 2000

let folder: string
let model: Model

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'npu-sim-model-'))
  const wasm = await buildNpuSimModel(path.join(folder, 'model.wasm'))
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {
    env: {
      abort: (_message: number, _file: number, line: number) => {
        throw new Error(`abort at line ${line}`)
      },
    },
  })
  model = instance.exports as unknown as Model
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach(() => {
  expect(model.init(B2)).toBe(1)
})

/** Runs until nothing is left: [tag, time] of every completion. */
const drain = (): [number, number][] => {
  const ends: [number, number][] = []
  for (let next = model.next(); next !== NEVER; next = model.next()) {
    const tag = model.advance(next)
    if (tag !== NONE) ends.push([tag, Number(model.now())])
  }
  return ends
}

/** Within a few nanoseconds: completions are on whole ones. */
const expectTime = (time: number | undefined, expected: number) => {
  expect(time).toBeGreaterThanOrEqual(Math.floor(expected))
  expect(time).toBeLessThanOrEqual(Math.ceil(expected) + 3)
}

const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)

const kernel = (tag: number, blocks: number, work: { cube?: number; vector?: number; hbm?: number; link?: number }) =>
  expect(model.start_kernel(tag, 0, blocks, work.cube ?? 0, work.vector ?? 0, work.hbm ?? 0, work.link ?? 0)).toBe(1)

describe('one kernel', () => {
  it('takes the time of its slowest resource', () => {
    kernel(1, 24, { cube: 1e10, hbm: 1e6 })
    expectTime(drain()[0]?.[1], MATMUL + 1e10 / CUBE)
    model.init(B2)
    kernel(1, 24, { cube: 1e9, hbm: 1e9 })
    expectTime(drain()[0]?.[1], MATMUL + 1e9 / HBM)
    model.init(B2)
    kernel(1, 48, { vector: 1e9, hbm: 1e3 })
    expectTime(drain()[0]?.[1], ELEMENTWISE + 1e9 / VECTOR)
  })

  it('takes only its launch gap when it has no work, less in a graph', () => {
    kernel(1, 1, {})
    expect(drain()).toEqual([[1, GAP]])
    model.init(B2)
    model.start_kernel(1, 1, 1, 0, 0, 0, 0)
    expect(drain()).toEqual([[1, 1000]])
  })

  it('computes with the cores that it asks for', () => {
    kernel(1, 6, { cube: 1e10 })
    expectTime(drain()[0]?.[1], MATMUL + 1e10 / (CUBE / 4))
    model.init(B2)
    kernel(1, 1000, { cube: 1e10 })
    expectTime(drain()[0]?.[1], MATMUL + 1e10 / CUBE)
  })

  it('reaches the whole bandwidth only from 0.28 of the cores on', () => {
    kernel(1, 6, { hbm: 1e9 })
    expectTime(drain()[0]?.[1], ELEMENTWISE + (1e9 / HBM) * (0.28 / (6 / 48)))
    model.init(B2)
    kernel(1, 14, { hbm: 1e9 })
    expectTime(drain()[0]?.[1], ELEMENTWISE + 1e9 / HBM)
  })

  it('moves link bytes over the links', () => {
    kernel(1, 8, { link: 1e8 })
    expectTime(drain()[0]?.[1], GAP + 10_000 + 1e8 / (0.7 * 196))
  })
})

describe('sharing', () => {
  it('gives equal parts to equals', () => {
    for (const tag of [1, 2, 3]) kernel(tag, 48, { hbm: 1e9 })
    const ends = drain()
    expect(ends.map(([tag]) => tag)).toEqual([1, 2, 3])
    for (const [, end] of ends) expectTime(end, ELEMENTWISE + 3e9 / HBM)
  })

  it('gives what one does not use to the others (max-min)', () => {
    // 2 of 48 cores reach 0.149 of the bandwidth, less than a third: the other two share the rest.
    const small = HBM * (2 / 48 / 0.28)
    kernel(1, 2, { hbm: 1e8 })
    kernel(2, 23, { hbm: 1e9 })
    kernel(3, 23, { hbm: 1e9 })
    const ends = new Map(drain())
    const first = 1e8 / small
    expectTime(ends.get(1), ELEMENTWISE + first)
    const moved = (first * (HBM - small)) / 2
    expectTime(ends.get(2), ELEMENTWISE + first + (2 * (1e9 - moved)) / HBM)
  })

  it('shares cores when together they want more than there are', () => {
    kernel(1, 24, { cube: 1e10 })
    kernel(2, 24, { cube: 2e10 })
    const ends = new Map(drain())
    expectTime(ends.get(1), MATMUL + 2e10 / CUBE)
    expectTime(ends.get(2), MATMUL + 3e10 / CUBE)
  })

  it('keeps cube and vector cores apart', () => {
    kernel(1, 24, { cube: 1e10 })
    kernel(2, 48, { vector: 1e9 })
    const ends = new Map(drain())
    expectTime(ends.get(1), MATMUL + 1e10 / CUBE)
    expectTime(ends.get(2), ELEMENTWISE + 1e9 / VECTOR)
  })

  it('copies both ways beside kernels, and shares each way', () => {
    model.start_copy(1, 0, 0, 1e7)
    model.start_copy(2, 0, 1, 1e7)
    kernel(3, 24, { cube: 1e10 })
    const ends = new Map(drain())
    expectTime(ends.get(1), GAP + 1e7 / 25)
    expectTime(ends.get(2), GAP + 1e7 / 25)
    expectTime(ends.get(3), MATMUL + 1e10 / CUBE)
    model.init(B2)
    model.start_copy(1, 0, 0, 1e7)
    model.start_copy(2, 0, 0, 1e7)
    for (const [, end] of drain()) expectTime(end, GAP + 2e7 / 25)
  })
})

describe('time', () => {
  it('stops where it is told to and says what is next', () => {
    kernel(1, 48, { hbm: 1e9 })
    expect(model.next()).toBe(BigInt(ELEMENTWISE))
    expect(model.advance(100n)).toBe(NONE)
    expect(model.now()).toBe(100n)
    expect(model.advance(50n)).toBe(NONE)
    expect(model.now()).toBe(100n)
    expect(drain().length).toBe(1)
    expect(model.next()).toBe(NEVER)
  })

  it('does not depend on how often it is advanced', () => {
    const jobs = () => {
      kernel(1, 24, { cube: 1e10, hbm: 1e8 })
      kernel(2, 48, { hbm: 1e9 })
      model.start_copy(3, 0, 0, 1e7)
    }
    jobs()
    const whole = drain()
    model.init(B2)
    jobs()
    const pieces: [number, number][] = []
    for (let to = 0; pieces.length < 3; to += 777) {
      for (let tag = model.advance(BigInt(to)); tag !== NONE; tag = model.advance(BigInt(to))) {
        pieces.push([tag, Number(model.now())])
      }
    }
    expect(pieces.map(([tag]) => tag)).toEqual(whole.map(([tag]) => tag))
    for (const [index, [, end]] of pieces.entries()) expectTime(end, whole[index]![1] - 2)
  })

  it('forgets what is cancelled and speeds the others up', () => {
    kernel(1, 48, { hbm: 1e9 })
    kernel(2, 48, { hbm: 1e9 })
    const half = ELEMENTWISE + 1e9 / HBM
    expect(model.advance(BigInt(Math.round(half)))).toBe(NONE)
    expect(model.cancel(2)).toBe(1)
    expect(model.cancel(2)).toBe(0)
    expectTime(drain()[0]?.[1], half + 0.5e9 / HBM)
  })

  it('refuses what does not fit and stays whole', () => {
    for (let tag = 0; tag < 4096; tag++) kernel(tag, 1, { vector: 10 })
    expect(model.start_kernel(4096, 0, 1, 0, 1, 0, 0)).toBe(0)
    expect(new Set(drain().map(([tag]) => tag)).size).toBe(4096)
    kernel(1, 1, {})
    expect(drain().length).toBe(1)
  })
})

describe('any mix of work', () => {
  const job = fc.record({
    start: fc.integer({ min: 0, max: 2_000_000 }),
    blocks: fc.integer({ min: 1, max: 64 }),
    cube: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e11 })),
    vector: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e9 })),
    hbm: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e9 })),
    copy: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e7 })),
  })

  it('is conserved, ends once each, no faster than alone and no slower than one after the other', () => {
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 24 }), (jobs) => {
        const alone = jobs.map((one) => {
          model.init(B2)
          if (one.copy > 0) model.start_copy(0, 0, one.copy % 2, one.copy)
          else model.start_kernel(0, 0, one.blocks, one.cube, one.vector, one.hbm, 0)
          return drain()[0]![1]
        })
        model.init(B2)
        const order = jobs.map((one, tag) => ({ ...one, tag })).sort((a, b) => a.start - b.start || a.tag - b.tag)
        const ends = new Map<number, number>()
        const until = (to: bigint) => {
          for (let tag = model.advance(to); tag !== NONE; tag = model.advance(to)) {
            expect(ends.has(tag)).toBe(false)
            ends.set(tag, Number(model.now()))
          }
        }
        for (const one of order) {
          until(BigInt(one.start))
          if (one.copy > 0) model.start_copy(one.tag, 0, one.copy % 2, one.copy)
          else model.start_kernel(one.tag, 0, one.blocks, one.cube, one.vector, one.hbm, 0)
        }
        for (const [tag, end] of drain()) {
          expect(ends.has(tag)).toBe(false)
          ends.set(tag, end)
        }
        expect(ends.size).toBe(jobs.length)
        const total = sum(alone)
        for (const [tag, end] of ends) {
          expect(end - jobs[tag]!.start).toBeGreaterThanOrEqual(alone[tag]! - 2)
          expect(end - jobs[tag]!.start).toBeLessThanOrEqual(total + 4 * jobs.length)
        }
        const kernels = jobs.filter((one) => one.copy === 0)
        const copied = sum(jobs.map((one) => one.copy))
        expect(model.cube_ops_done() / (sum(kernels.map((one) => one.cube)) || 1)).toBeCloseTo(
          kernels.some((one) => one.cube > 0) ? 1 : 0,
          9,
        )
        expect(model.vector_ops_done()).toBeCloseTo(sum(kernels.map((one) => one.vector)), -1)
        expect(model.hbm_bytes_done()).toBeCloseTo(sum(kernels.map((one) => one.hbm)) + copied, -1)
        expect(model.copy_bytes_done()).toBeCloseTo(copied, -1)
        expect(model.busy_ns()).toBeLessThanOrEqual(model.now())
      }),
      { numRuns: 150 },
    )
  })

  it('never does more than the chip can', () => {
    kernel(1, 24, { cube: 1e11, hbm: 1e8 })
    kernel(2, 48, { vector: 1e9, hbm: 1e9 })
    kernel(3, 24, { cube: 1e11 })
    drain()
    const span = model.now()
    expect(model.utilization_permille(0, span)).toBe(Math.round((1000 * 2e11) / (376e3 * Number(span))))
    expect(model.utilization_permille(0, span)).toBeLessThanOrEqual(700)
    expect(model.utilization_permille(1, span)).toBeLessThanOrEqual(700)
    expect(model.utilization_permille(2, span)).toBeLessThanOrEqual(600)
    expect(model.utilization_permille(0, 0n)).toBe(0)
  })
})

describe('chips', () => {
  it('has the published cores and memory of each', () => {
    expect(model.chip_count()).toBe(6)
    const figures = Array.from({ length: model.chip_count() }, (_, chip) => {
      model.init(chip)
      return [model.cube_cores(), model.vector_cores(), Number(model.hbm_bytes() >> 30n)]
    })
    expect(figures).toEqual([
      [24, 48, 64],
      [24, 48, 64],
      [20, 40, 64],
      [20, 40, 64],
      [24, 48, 64],
      [20, 40, 64],
    ])
    expect(model.init(model.chip_count())).toBe(0)
  })
})

describe('several instances that take turns', () => {
  /** What an instance is, and back. */
  const saved = (): Uint8Array => {
    const bytes = model.save()
    return new Uint8Array(model.memory.buffer, model.state_address(), bytes).slice()
  }
  const restored = (state: Uint8Array): number => {
    new Uint8Array(model.memory.buffer, model.state_address(), state.length).set(state)
    return model.restore(state.length)
  }
  const end = (): [number, bigint][] => {
    const ends: [number, bigint][] = []
    for (let tag = model.advance(10n ** 12n); tag !== NONE; tag = model.advance(10n ** 12n))
      ends.push([tag, model.now()])
    return ends
  }

  it('go on exactly where the state was saved', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 48 }), fc.nat({ max: 1e9 }), fc.nat({ max: 1e8 })), { maxLength: 12 }),
        fc.nat({ max: 1e6 }),
        (kernels, moment) => {
          model.init(B2)
          for (const [tag, [blocks, cube, hbm]] of kernels.entries())
            model.start_kernel(tag, 0, blocks + 1, cube, 0, hbm, 0)
          model.advance(BigInt(moment))
          const state = saved()
          const next = model.next()
          const straight = end()
          const done = model.hbm_bytes_done()
          model.init(B2)
          model.start_kernel(99, 0, 1, 1e9, 0, 1e9, 0) // what was there is forgotten
          expect(restored(state)).toBe(1)
          expect(model.next()).toBe(next)
          expect(end()).toEqual(straight)
          expect(model.hbm_bytes_done()).toBe(done)
        },
      ),
    )
  })

  it('refuse bytes that are no state', () => {
    for (const bytes of [0, 63, 65, 64 + 4097 * 144]) expect(model.restore(bytes)).toBe(0)
  })

  it("know and end one owner's work", () => {
    for (const tag of [5, 128, 130, 255, 256]) model.start_kernel(tag, 0, 1, 0, 0, 1e6 * tag, 0)
    expect(model.next_of(300, 10)).toBe(NEVER)
    model.advance(BigInt(ELEMENTWISE))
    expect(model.next_of(128, 128)).toBeGreaterThan(model.next_of(0, 128))
    expect(model.next()).toBe(model.next_of(0, 128))
    model.cancel_of(128, 128)
    expect(model.next_of(128, 128)).toBe(NEVER)
    expect(end().map(([tag]) => tag)).toEqual([5, 256])
  })
})
