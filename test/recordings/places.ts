/**
 * Where the data of a recorded program lies. It allocated, in this order: memory for weights, for the key-value cache and
 * for what is computed (its first part takes the inputs of each step), then small tables; and a mapped pool for
 * temporaries. What is written is noted, so that exactly that is compared.
 */
import type { Role } from './operators.ts'

export interface Region {
  slot: number
  offset: number
  bytes: number
}

interface Memory {
  made: string
  bytes: number
  written: Region[]
}

/** Inputs of a step take this much at most of the memory for what is computed. */
const INPUT_BYTES = 1 << 20
const WEIGHTS = 0
const CACHE = 1
const COMPUTED = 2

export class Places {
  /** Bytes of the physical memory behind the pool. */
  physical = 0
  private readonly memories: Memory[] = []
  private readonly cursors = { weights: 0, cache: 0, inputs: 0, computed: INPUT_BYTES, pool: 0 }
  /** Newest first: what operators wrote, and inputs. */
  private newest: Region[] = []
  private output: Region | undefined
  private inUse: Region[] = []
  /** Weights and the like, by their size: each in its turn. */
  private readonly constants = new Map<number, Region[]>()
  private copied: Region | undefined
  private cached: Region[] = []
  private tables: Region[] = []
  private answered = ''

  make(how: string, bytes: number): string {
    this.memories.push({ made: how, bytes, written: [] })
    return `${this.memories.length - 1} ${bytes}`
  }

  /** Which memory was given back is not recorded: the newest. */
  end(how: string): string {
    const slot = this.memories.findLastIndex((m) => m.made === how)
    const ended = this.memory(slot)
    ended.made = ''
    return `${slot} ${intervals(ended.written)}`.trimEnd()
  }

  map = (): string => `${this.nth('aclrtReserveMemAddress', 0)} ${this.physical}`
  unmap(): string {
    const slot = this.nth('aclrtReserveMemAddress', 0)
    return `${slot} ${intervals(this.memory(slot).written)}`
  }
  release = (): string => String(this.nth('aclrtReserveMemAddress', 0))

  fill(bytes: number): string {
    const region = { slot: this.newestMemory(), offset: 0, bytes }
    this.note(region)
    return `${region.slot} ${bytes}`
  }

  /** Direction, device memory, and host memory or -1 for pageable memory; there the place is the same. */
  copy(name: string, bytes: number, kind: number): string {
    const line = (r: Region, host: number): string => `${kind} ${r.slot} ${r.offset} ${r.bytes} ${host}`
    if (kind === 2) {
      const host = this.nth('aclrtMallocHost', 0)
      const from = this.output
      if (from?.bytes !== bytes) throw new Error(`an answer of ${bytes} bytes after an output of ${from?.bytes}`)
      this.note({ slot: host, offset: 0, bytes })
      this.answered = `${host} ${bytes}`
      return line(from, host)
    }
    if (name === 'aclrtMemcpyAsync') return line(this.constant({ slot: this.newestMemory(), offset: 0, bytes }), -1)
    if (this.memories[COMPUTED] === undefined) {
      this.copied = this.constant(this.take(WEIGHTS, 'weights', bytes))
      return line(this.copied, -1)
    }
    const input = this.take(this.nth('aclrtMalloc', COMPUTED), 'inputs', bytes)
    this.note(input)
    this.newest.unshift(input)
    return line(input, this.nth('aclrtMallocHost', 1))
  }

  /** Host memory that has the newest answer, where there is one. */
  answer = (): string => this.answered

  any = (): string => `${WEIGHTS} 0`

  beginStep(): void {
    this.cursors.inputs = 0
  }

  beginOperator(): void {
    this.inUse = []
  }

  written(region: Region): void {
    this.note(region)
    const results = [this.nth('aclrtMalloc', COMPUTED), this.nth('aclrtReserveMemAddress', 0)]
    if (!results.includes(region.slot)) return
    this.newest = [region, ...this.newest.filter((r) => r !== region)].slice(0, 1000)
    this.output = region
  }

  regionFor(role: Exclude<Role, 'other'>, bytes: number): Region {
    switch (role) {
      case 'read':
      case 'half': {
        const region = this.newest.find((r) => r.bytes >= bytes && !this.inUse.includes(r))
        if (region === undefined) throw new Error(`nothing of ${bytes} bytes was written`)
        this.inUse.push(region)
        return { ...region, bytes }
      }
      case 'written':
        return this.take(this.nth('aclrtMalloc', COMPUTED), 'computed', bytes, INPUT_BYTES)
      case 'temporary':
        return this.take(this.nth('aclrtReserveMemAddress', 0), 'pool', bytes, 0, this.physical)
      case 'matrix':
      case 'scale':
        return next(this.constants.get(bytes), `${bytes} bytes of weights`)
      case 'copied':
        return this.copied!
      case 'allocated':
        return this.constant({ slot: this.newestMemory(), offset: 0, bytes })
      case 'cached':
        this.cached = [...this.cached, this.take(this.nth('aclrtMalloc', CACHE), 'cache', bytes)].slice(-2)
        return this.cached.at(-1)!
      case 'kept':
        return next(this.cached, 'cache')
      case 'index':
        return { slot: this.nth('aclrtMalloc', COMPUTED), offset: 0, bytes }
      case 'sines': {
        /* Of the newest two memories, one for each table. */
        const slots = this.memories.flatMap((m, i) => (m.made === 'aclrtMalloc' ? [i] : [])).slice(-2)
        if (this.tables.length === 0) this.tables = slots.map((slot) => ({ slot, offset: 0, bytes }))
        return { ...next(this.tables, 'table'), bytes }
      }
      case 'angles':
        return { ...next(this.tables, 'table'), bytes }
    }
  }

  private memory(slot: number): Memory {
    const memory = this.memories[slot]
    if (memory === undefined) throw new Error(`no memory ${slot}`)
    return memory
  }

  /** The n-th memory that was made so; -1 where there is none. */
  private nth(how: string, n: number): number {
    const slots = this.memories.flatMap((m, slot) => (m.made === how ? [slot] : []))
    return slots[n] ?? -1
  }

  private newestMemory = (): number => this.memories.findLastIndex((m) => m.made === 'aclrtMalloc')

  private note(region: Region): void {
    this.memory(region.slot).written.push(region)
  }

  private constant(region: Region): Region {
    this.note(region)
    this.constants.set(region.bytes, [...(this.constants.get(region.bytes) ?? []), region])
    return region
  }

  /** The next bytes of a memory; behind its end, from `first` on again. */
  private take(slot: number, cursor: keyof Places['cursors'], bytes: number, first = 0, end?: number): Region {
    const room = end ?? this.memory(slot).bytes
    if (this.cursors[cursor] + bytes > room) this.cursors[cursor] = first
    if (this.cursors[cursor] + bytes > room) throw new Error(`${bytes} bytes do not fit into memory ${slot}`)
    const region = { slot, offset: this.cursors[cursor], bytes }
    this.cursors[cursor] += Math.ceil(bytes / 64) * 64
    return region
  }
}

/** The first of a list, which goes to its end. */
function next(list: Region[] | undefined, what: string): Region {
  const region = list?.shift()
  if (region === undefined) throw new Error(`there is no ${what}`)
  list!.push(region)
  return region
}

/** `OFFSET BYTES ...` of everything that is in one of the regions. */
function intervals(regions: Region[]): string {
  const merged: { offset: number; end: number }[] = []
  for (const { offset, bytes } of [...regions].sort((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1)
    if (last !== undefined && offset <= last.end) last.end = Math.max(last.end, offset + bytes)
    else merged.push({ offset, end: offset + bytes })
  }
  return merged.map(({ offset, end }) => `${offset} ${end - offset}`).join(' ')
}
