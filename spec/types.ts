/**
 * The algebra in which the AscendCL functions are described (spec/api/). Small on purpose: what a wrapper, a codec or
 * a simulator stub has to know about a function, and nothing else.
 */

/**
 * What a call means for the order of work:
 * - host         host-only state of the library (init, errors, argument handles): passed through
 * - query        reads state, no side effect: passed through; a replay may skip it
 * - create       makes an object
 * - destroy      ends an object: whatever is queued is handed to the device first
 * - async        an operator on a stream: takes the stream's credit or its queue
 * - sync-stream  waits for one stream: its queue is handed over first
 * - sync-device  waits for every stream of the context
 * - sync         synchronous work that orders with no stream (aclrtMemcpy)
 */
export type CallClass = 'host' | 'query' | 'create' | 'destroy' | 'async' | 'sync-stream' | 'sync-device' | 'sync'

/** Handles, by what they name. */
export type HandleKind =
  | 'context'
  | 'stream'
  | 'event'
  | 'binary'
  | 'function'
  | 'args'
  | 'param'
  | 'phys-mem'
  | 'graph'
  | 'notify'
  | 'cnt-notify'
  | 'task-group'
  | 'condition'
  | 'label'
  | 'label-list'
  | 'device-ptr'
  | 'host-ptr'
  | 'host-function'

/** One argument of a function. */
export interface Arg {
  /** C type as AscendCL declares it; `@` stands where the name goes, where that is not at the end. `...` for more. */
  type: string
  name: string
  /** in: read by the callee; out: written by it; inout: both. For pointers; plain values are in. */
  dir: 'in' | 'out' | 'inout'
  /** Which handle it is, or (out) becomes. */
  handle?: HandleKind
  /** For a pointer to data: how many bytes, as a C expression over the other arguments. */
  bytes?: string
  /** May be NULL without being an error. */
  nullable?: boolean
  /** A NUL-terminated string. */
  text?: boolean
  /** The pointer's value is what counts, not what is behind it: in daemon mode it travels as a number. */
  address?: boolean
  /** For a pointer that a held operator needs later: how many bytes of what is behind it the operator takes along. */
  copy?: string
}

/** How an asynchronous function looks to the core. */
export interface OpRole {
  /** OpClass, or a C expression over the arguments that gives it. */
  opClass: string
  /** Bytes moved, as a C expression; absent: 0. */
  bytes?: string
  /** The argument that names the event it records, waits for or resets. */
  syncObject?: string
  /** The argument that names the kernel. */
  kernel?: string
  /** Launch width, as a C expression. */
  blocks?: string
  /** Size of the kernel arguments, as a C expression. */
  argsBytes?: string
  /** Its arguments lie in memory of the caller, so the call ends when the operator was handed over, with its result. */
  waits?: boolean
  /** Through a daemon the call ends when the operator was handed over, with what is wrong with it: nobody calls it in numbers. */
  answered?: boolean
  /** It copies as aclrtMemcpyAsync does: with pageable host memory it returns only when done, and is not queued. */
  copy?: { dst: string; dstBytes: string; src: string; srcBytes: string; kind: string }
}

/**
 * How daemon mode answers a function that is not hand-written for it:
 * - call      the daemon makes the call and answers it
 * - operator  the record goes to the daemon, which does not answer
 * - client    host code: the client's own libraries run it
 * - refused   feature not supported
 */
export type DaemonWay = 'call' | 'operator' | 'client' | 'refused'

/** One function of AscendCL. */
export interface ApiFunction {
  name: string
  /** Position in the table, stable: new functions are added at the end. */
  id: number
  returns: string
  args: Arg[]
  class: CallClass
  /** Header of CANN that declares it, below build/gen/include. */
  header: string
  /** Library of CANN 9.1 that has it, besides those that pass it on. */
  library: string
  /** Heading under which docs/coverage.md lists it. */
  area: string
  /** First CANN version that has it, where known; all of them are in CANN 9.1 (API 1.17.0). */
  since?: string
  /** How daemon mode answers it. */
  daemon: DaemonWay | 'hand-written'
  /** It has a stream, and nothing to do with what that has queued (what was fixed when it was made): it may overtake it. */
  asks?: boolean
  /** What is queued on any stream is handed over before it. */
  drainAll?: boolean
  /** It makes calls of AscendCL itself, which belong to it and are not queued. */
  composite?: boolean
  /** For class async. */
  op?: OpRole
  /** False where a replay may skip the call. */
  sideEffects: boolean
  /** Hand-written in host-shim/ (file named here), because the shape above cannot say what it does. */
  custom?: string
  /** Hand-written in host-shim/ for daemon mode (file named here): local to the client, or more than one answered call. */
  remote?: string
  /** What it does, one line. */
  doc: string
}

export interface FunctionBody {
  returns?: string
  header?: string
  class: CallClass
  since?: string
  op?: OpRole
  custom?: string
  remote?: string
  sideEffects?: boolean
  asks?: boolean
  doc: string
}

/** A function as spec/api/ writes it, before it has its number and place. */
export type ApiDraft = Omit<ApiFunction, 'id' | 'header' | 'library' | 'area' | 'daemon'> &
  Partial<Pick<ApiFunction, 'header' | 'library' | 'daemon'>>

/** A value argument, or a handle passed by value. */
export const val = (type: string, name: string, extra: Partial<Arg> = {}): Arg => ({ type, name, dir: 'in', ...extra })

/** A pointer that the callee reads. */
export const input = (type: string, name: string, extra: Partial<Arg> = {}): Arg => ({
  type,
  name,
  dir: 'in',
  ...extra,
})

/** A pointer that the callee writes. */
export const output = (type: string, name: string, extra: Partial<Arg> = {}): Arg => ({
  type,
  name,
  dir: 'out',
  ...extra,
})

/** The stream an operator goes to; NULL is the default stream of the current context. */
export const stream = (name = 'stream'): Arg => val('aclrtStream', name, { handle: 'stream', nullable: true })

/** Declares one function. */
export const fn = (name: string, args: Arg[], body: FunctionBody): ApiDraft => ({
  name,
  returns: body.returns ?? 'aclError',
  args,
  class: body.class,
  sideEffects: body.sideEffects ?? body.class !== 'query',
  doc: body.doc,
  ...(body.header === undefined ? {} : { header: body.header }),
  ...(body.asks === undefined ? {} : { asks: body.asks }),
  ...(body.since === undefined ? {} : { since: body.since }),
  ...(body.op === undefined ? {} : { op: body.op }),
  ...(body.custom === undefined ? {} : { custom: body.custom }),
  ...(body.remote === undefined ? {} : { remote: body.remote }),
})
