/**
 * A scheduling core for tests of the interposer, in place of core.wasm: it keeps the contract of spec/records.ts (order
 * within a stream, order about an event, no grant beside held work) and is otherwise as awkward as it may be: it holds
 * operators at random, dispatches in random groups, grants and revokes, and traps when told.
 *
 * FLEXNPU_POLICY_PARAMS: seed, event at which it traps (0: never), permille of the chances to dispatch that it lets
 * pass, largest allocation it admits in bytes (0: any).
 */
import {
  DECISION_ADMIT,
  DECISION_BYTES,
  DECISION_DENY,
  DECISION_DISPATCH,
  DECISION_FLAG_CREDIT,
  DECISION_FLAG_MARK,
  DECISION_FLAG_SAMPLE,
  DECISION_REVOKE,
  EVENT_BYTES,
  EVENT_CREDIT_USED,
  EVENT_MEM_ALLOC,
  EVENT_OP_SUBMIT,
  EVENT_POLICY_SET,
  EVENT_STREAM_ADD,
  EVENT_STREAM_REMOVE,
  EVENT_TICK,
  MAX_OPS,
  MAX_STREAMS,
  NONE,
  event_kind,
  event_stream,
  event_time_ns,
  mem_alloc_bytes,
  mem_alloc_request,
  mem_alloc_vnpu,
  op_submit_op_seq,
  op_submit_sync_object,
  policy_set_p0,
  policy_set_p1,
  policy_set_p2,
  policy_set_p3,
  set_decision_count,
  set_decision_event_seq,
  set_decision_flags,
  set_decision_kind,
  set_decision_stream,
  set_decision_value,
} from '../../../build/gen/as/layout'

/** Events and decisions of one run: FX_CORE_EVENTS of host-shim/engine/core.h, and 64 decisions for each. */
const INBOX: usize = memory.data(2048)
const OUTBOX: usize = memory.data(65536)
/** An operator, u32 each: next in its stream, next about its object, object, op_seq. Number 0 is none. */
const OPS: usize = memory.data(1048576)
/** A stream, u32 each: first operator, last, 1 where it exists, 1 where it has a grant. */
const STREAMS: usize = memory.data(65536)
/** A synchronization object, u32 each: first queued operator about it, last. */
const OBJECTS: usize = memory.data(524288)
/** Most decisions for one event. */
const MOST: u32 = 32
const TICK_NS: u64 = 30_000

let random: u64 = 1
let trapAt: u64 = 0
let holdPermille: u64 = 500
let largestBytes: u64 = 0
let seq: u64 = 0
let now: u64 = 0
let freeOps: u32 = 0
let usedOps: u32 = 0
let queued: u32 = 0
let grants: u32 = 0
let streams: u32 = 0
let decided: u32 = 0

function draw(bound: u32): u32 {
  random ^= random << 13
  random ^= random >> 7
  random ^= random << 17
  return u32((random >> 11) % u64(bound))
}

const op = (n: u32, field: u32): usize => OPS + n * 16 + field * 4
const stream = (n: u32, field: u32): usize => STREAMS + n * 16 + field * 4
const object = (n: u32, field: u32): usize => OBJECTS + n * 8 + field * 4

function decide(kind: u32, where: u32, count: u32, flags: u32, value: u64): void {
  const at = OUTBOX + decided++ * DECISION_BYTES
  memory.fill(at, 0, DECISION_BYTES)
  set_decision_kind(at, kind)
  set_decision_flags(at, flags)
  set_decision_stream(at, where)
  set_decision_count(at, count)
  set_decision_value(at, value)
  set_decision_event_seq(at, seq)
}

function push(where: u32, about: u32, opSeq: u32): void {
  let n = freeOps
  if (n != 0) freeOps = load<u32>(op(n, 0))
  else {
    n = ++usedOps
    if (n >= MAX_OPS) unreachable()
  }
  store<u32>(op(n, 0), 0)
  store<u32>(op(n, 1), 0)
  store<u32>(op(n, 2), about)
  store<u32>(op(n, 3), opSeq)
  const last = load<u32>(stream(where, 1))
  store<u32>(last == 0 ? stream(where, 0) : op(last, 0), n)
  store<u32>(stream(where, 1), n)
  queued++
  if (about == NONE) return
  const lastAbout = load<u32>(object(about, 1))
  store<u32>(lastAbout == 0 ? object(about, 0) : op(lastAbout, 1), n)
  store<u32>(object(about, 1), n)
}

/** Whether the first operator of the stream may go: nothing older speaks of its object. */
function ready(where: u32): bool {
  const n = load<u32>(stream(where, 0))
  if (n == 0) return false
  const about = load<u32>(op(n, 2))
  return about == NONE || load<u32>(object(about, 0)) == n
}

function unlink(where: u32, n: u32): void {
  const about = load<u32>(op(n, 2))
  store<u32>(stream(where, 0), load<u32>(op(n, 0)))
  if (load<u32>(op(n, 0)) == 0) store<u32>(stream(where, 1), 0)
  if (about != NONE) {
    // Not always the first one: a stream that is removed takes its operators out of the middle.
    let before: u32 = 0
    let at = load<u32>(object(about, 0))
    while (at != n) {
      before = at
      at = load<u32>(op(at, 1))
    }
    const next = load<u32>(op(n, 1))
    store<u32>(before == 0 ? object(about, 0) : op(before, 1), next)
    if (next == 0) store<u32>(object(about, 1), before)
  }
  store<u32>(op(n, 0), freeOps)
  freeOps = n
  queued--
}

/** Dispatches a group of a random stream that may go; false where none may. */
function dispatchOne(): bool {
  const start = draw(streams)
  for (let i: u32 = 0; i < streams; i++) {
    const where = (start + i) % streams
    if (!ready(where)) continue
    const most: u32 = 1 + draw(4)
    let count: u32 = 0
    let last: u32 = 0
    while (count < most && ready(where)) {
      const n = load<u32>(stream(where, 0))
      last = load<u32>(op(n, 3))
      unlink(where, n)
      count++
    }
    const flags = draw(3)
    const marks = flags == 0 ? 0 : flags == 1 ? DECISION_FLAG_MARK : DECISION_FLAG_MARK | DECISION_FLAG_SAMPLE
    decide(DECISION_DISPATCH, where, count, marks, last)
    return true
  }
  return false
}

function grantSome(): void {
  for (let i: u32 = 0; i < streams && decided < MOST; i++) {
    if (load<u32>(stream(i, 2)) == 0 || load<u32>(stream(i, 3)) != 0 || draw(3) != 0) continue
    store<u32>(stream(i, 3), 1)
    grants++
    decide(DECISION_DISPATCH, i, 1 + draw(12), DECISION_FLAG_CREDIT, 0)
  }
}

/** Takes all grants back, as many as go into one outbox: held work must not be overtaken by a stream with credit. */
function revokeAll(): void {
  for (let i: u32 = 0; i < streams && decided < MOST; i++)
    if (load<u32>(stream(i, 3)) != 0) decide(DECISION_REVOKE, i, 0, 0, 0)
}

function endGrant(where: u32): void {
  if (load<u32>(stream(where, 3)) == 0) return
  store<u32>(stream(where, 3), 0)
  grants--
}

function schedule(certain: bool): void {
  if (queued == 0) {
    if (grants == 0 && streams > 0 && draw(4) == 0) grantSome()
    return
  }
  if (grants > 0) return revokeAll()
  if (!certain && u64(draw(1000)) < holdPermille) return
  const rounds: u32 = 1 + draw(4)
  for (let i: u32 = 0; i < rounds && decided < MOST; i++) if (!dispatchOne()) return
}

function one(at: usize): void {
  const kind = event_kind(at)
  const where = event_stream(at)
  now = event_time_ns(at)
  if (kind == EVENT_POLICY_SET) {
    random = policy_set_p0(at) * 2654435761 + 88172645463325252
    trapAt = policy_set_p1(at)
    holdPermille = policy_set_p2(at)
    largestBytes = policy_set_p3(at)
  } else if (kind == EVENT_STREAM_ADD) {
    memory.fill(stream(where, 0), 0, 16)
    store<u32>(stream(where, 2), 1)
    if (where >= streams) streams = where + 1
  } else if (kind == EVENT_STREAM_REMOVE) {
    while (load<u32>(stream(where, 0)) != 0) unlink(where, load<u32>(stream(where, 0)))
    endGrant(where)
    store<u32>(stream(where, 2), 0)
  } else if (kind == EVENT_CREDIT_USED) endGrant(where)
  else if (kind == EVENT_OP_SUBMIT) push(where, op_submit_sync_object(at), u32(op_submit_op_seq(at)))
  else if (kind == EVENT_MEM_ALLOC) {
    const fits = largestBytes == 0 || mem_alloc_bytes(at) <= largestBytes
    decide(fits ? DECISION_ADMIT : DECISION_DENY, mem_alloc_vnpu(at), 0, 0, mem_alloc_request(at))
  }
  schedule(kind == EVENT_TICK)
}

export function init(): void {}

export function inbox_ptr(): u32 {
  return u32(INBOX)
}

export function outbox_ptr(): u32 {
  return u32(OUTBOX)
}

export function run(count: u32): u32 {
  decided = 0
  for (let i: u32 = 0; i < count; i++) {
    seq++
    if (seq == trapAt) unreachable()
    one(INBOX + i * EVENT_BYTES)
  }
  return decided
}

export function next_wake_ns(): u64 {
  return queued > 0 ? now + TICK_NS : u64.MAX_VALUE
}

export function decision_hash(): u64 {
  return 0
}

export function state_hash(): u64 {
  return 0
}

export function state_ptr(): u32 {
  return u32(STREAMS)
}

export function state_bytes(): u32 {
  return MAX_STREAMS * 16
}
