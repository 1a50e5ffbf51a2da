/**
 * Makes of a recording (README.md) the program that player.c runs: a line a recorded call, in the recorded order, with
 * what the recording leaves out. It names no handles and no addresses, so here is decided what each call is about, by
 * what the functions do: the operators' shapes become tensors of that shape, what an operator reads is what one before it
 * wrote (or weights that were copied to the device), and every byte that was written is known, to be compared at the end.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { elementBytes, operators, types, writes, type Role, type Type } from './operators.ts'
import { Places, type Region } from './places.ts'

export interface Call {
  name: string
  detail: string
}

/** The calls of a recording; those of the recordings here were all made by one thread. */
export function callsOf(file: string): Call[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')
  const rows = lines.map((line) => line.split('\t'))
  const threads = new Set(rows.map(([thread]) => thread))
  if (threads.size !== 1) throw new Error(`${file}: calls of ${threads.size} threads`)
  return rows.map(([, name = '', detail = '']) => ({ name, detail }))
}

interface Tensor {
  number: number
  /** The line that makes it, which is complete once it is known what it is for. */
  line: number
  dims?: number[]
  type: Type
  region?: Region
  listed: boolean
}

const elements = (dims: number[]): number => dims.reduce((all, d) => all * d, 1)
const same = (a: number[] | undefined, b: number[]): boolean => a?.join() === b.join()

/** What a recording says of sizes: `n=4 kind=1`, or a number alone. */
const numberIn = (detail: string, name = ''): number => {
  const found = new RegExp(`(?:^|\\s)${name}(\\d+)`).exec(detail)
  if (found === null) throw new Error(`no ${name}number in '${detail}'`)
  return Number(found[1])
}

class Program {
  readonly lines: string[] = []
  private readonly places = new Places()
  private live: Tensor[] = []
  private lists: Tensor[] = []
  private free: number[] = []
  private tensors = 0

  add(call: Call): void {
    const { name, detail } = call
    if (name.startsWith('aclnn')) this.operator(name, detail)
    else this.lines.push(`${name} ${this.argumentsOf(name, detail)}`.trimEnd())
  }

  private argumentsOf(name: string, detail: string): string {
    const { places } = this
    switch (name) {
      case '#MARK':
        if (detail.endsWith('_begin')) places.beginStep()
        return detail.endsWith('_end') ? `${detail} ${places.answer()}` : detail
      case 'aclrtMalloc':
      case 'aclrtMallocHost':
      case 'aclrtReserveMemAddress':
        return places.make(name, numberIn(detail))
      case 'aclrtFree':
      case 'aclrtFreeHost':
        return places.end(name.replace('Free', 'Malloc'))
      case 'aclrtMapMem':
        return places.map()
      case 'aclrtUnmapMem':
        return places.unmap()
      case 'aclrtReleaseMemAddress':
        return places.release()
      case 'aclrtMallocPhysical':
        places.physical = numberIn(detail)
        return String(places.physical)
      case 'aclrtMemset':
        return places.fill(numberIn(detail, 'n='))
      case 'aclrtMemcpy':
      case 'aclrtMemcpyAsync':
        return places.copy(name, numberIn(detail, 'n='), numberIn(detail, 'kind='))
      case 'aclCreateTensor':
        return this.newTensor()
      case 'aclDestroyTensor':
        return this.endTensor()
      case 'aclCreateTensorList': {
        const tensor = this.live.find((t) => t.dims === undefined && !t.listed)
        if (tensor === undefined) throw new Error('no tensor for a list')
        this.become(tensor, [2048, 256], 'kept')
        tensor.listed = true
        this.lists.push(tensor)
        return `${this.lists.length - 1} ${tensor.number}`
      }
      case 'aclDestroyTensorList': {
        const [tensor] = this.lists.splice(-1)
        if (tensor === undefined) throw new Error('no list to end')
        this.live = this.live.filter((t) => t !== tensor)
        this.free.push(tensor.number)
        return String(this.lists.length)
      }
      case 'aclCreateIntArray':
        return `${numberIn(detail, 'n=')} ${numberIn(detail, 'v0=')}`
      default:
        return ''
    }
  }

  private newTensor(): string {
    const number = this.free.pop() ?? this.tensors++
    /* A tensor that no operator uses remains a number at the begin of the memory that is there. */
    this.live.push({ number, line: this.lines.length, type: 'FLOAT', listed: false })
    return `${number} FLOAT ${this.places.any()} 1`
  }

  /** Which tensor was ended is not recorded: the oldest that an operator has used. */
  private endTensor(): string {
    const tensor = this.live.find((t) => t.dims !== undefined && !t.listed) ?? this.live.find((t) => !t.listed)
    if (tensor === undefined) throw new Error('no tensor to end')
    this.live = this.live.filter((t) => t !== tensor)
    this.free.push(tensor.number)
    return String(tensor.number)
  }

  /**
   * The operand of a shape: what an operator before left, where this is the first, or there are not enough tensors that
   * wait for a use.
   */
  private operand(dims: number[], role: Exclude<Role, 'other'>, more: number, used: Tensor[]): Tensor {
    const fresh = this.live.filter((t) => t.dims === undefined && !t.listed)
    const known = this.live.findLast((t) => same(t.dims, dims) && !t.listed && !used.includes(t))
    const first = role === 'allocated' ? fresh.at(-1) : fresh[0]
    const tensor = known !== undefined && (used.length === 0 || fresh.length <= more) ? known : first
    if (tensor === undefined) throw new Error(`no tensor for [${dims.join()}]`)
    if (tensor.dims === undefined) this.become(tensor, dims, role)
    return tensor
  }

  private become(tensor: Tensor, dims: number[], role: Exclude<Role, 'other'>): void {
    tensor.dims = dims
    tensor.type = types[role]
    tensor.region = this.places.regionFor(role, elements(dims) * elementBytes[tensor.type])
    const { slot, offset } = tensor.region
    this.lines[tensor.line] = `aclCreateTensor ${tensor.number} ${tensor.type} ${slot} ${offset} ${dims.join(' ')}`
  }

  private operator(name: string, detail: string): void {
    const [, kind = '', phase1] = /^aclnn(\w+?)(GetWorkspaceSize)?$/.exec(name)!
    if (phase1 === undefined) {
      this.lines.push(name)
      return
    }
    const shapes = [...detail.matchAll(/\[([\d,]+)\]/g)].map(([, dims]) => dims!.split(',').map(Number))
    const roles = operators[kind]
    if (roles === undefined) throw new Error(`no operator ${kind}`)
    /* An output that the recording does not list is like the first operand. */
    while (shapes.length < roles.length) shapes.push(shapes[0]!)
    this.places.beginOperator()
    const used: Tensor[] = []
    for (const [i, dims] of shapes.entries()) {
      const role = this.roleOf(roles[i]!, kind, dims, used)
      const tensor = this.operand(dims, role, shapes.length - i - 1, used)
      used.push(tensor)
    }
    for (const [i, tensor] of used.entries()) if (writes(kind, i)) this.places.written(tensor.region!)
    this.lines.push(`${name} ${used.map((t) => t.number).join(' ')}`)
  }

  /** What the place in the table is here: a smaller second operand is a weight, a cast is the other type. */
  private roleOf(role: Role, kind: string, dims: number[], used: Tensor[]): Exclude<Role, 'other'> {
    const [first] = used
    if (role === 'other') return elements(dims) < elements(first!.dims!) ? 'scale' : 'read'
    if (kind === 'Cast' && role === 'temporary') return first!.type === 'FLOAT16' ? 'written' : 'temporary'
    return role
  }
}

/** The text of the program that makes these calls. */
export function programOf(calls: Call[]): string {
  const program = new Program()
  for (const call of calls) program.add(call)
  return `${program.lines.join('\n')}\n`
}
