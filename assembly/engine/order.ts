/**
 * When an operator may go: everything before it in its stream has gone, and so has what it depends on through its
 * synchronization object. Dependencies lead from later to earlier submissions only, so there is no cycle.
 */
import {
  NONE,
  OP_CLASS_EVENT_RECORD,
  OP_CLASS_EVENT_RESET,
  OP_CLASS_EVENT_WAIT,
  OP_CLASS_NOTIFY_RECORD,
  OP_CLASS_NOTIFY_WAIT,
} from '../../build/gen/as/layout'
import { opAt, opClass, opRecordTicket, opSync, opWaitTicket, set_opRecordTicket, set_opWaitTicket } from '../state/ops'
import {
  BARRIER,
  BLOCKED,
  blockedNext,
  device,
  ELIGIBLE,
  head,
  IDLE,
  set_blockedNext,
  set_state,
  set_vtime,
  state,
  streamAt,
  streamId,
  vtime,
} from '../state/streams'
import {
  blockedHead,
  recordsDispatched,
  recordsSubmitted,
  set_blockedHead,
  set_recordsDispatched,
  set_recordsSubmitted,
  set_waitsDispatched,
  set_waitsSubmitted,
  syncAt,
  waitsDispatched,
  waitsSubmitted,
} from '../state/syncs'
import { deviceAt, vclock } from '../state/devices'
import { heapPush, heapRemove } from './heap'

/** Whether operators of the class name a synchronization object. */
export function isSync(c: u32): bool {
  return (
    c == OP_CLASS_EVENT_RECORD ||
    c == OP_CLASS_EVENT_WAIT ||
    c == OP_CLASS_EVENT_RESET ||
    c == OP_CLASS_NOTIFY_RECORD ||
    c == OP_CLASS_NOTIFY_WAIT
  )
}

// @ts-ignore: decorator
@inline function isWait(c: u32): bool {
  return c == OP_CLASS_EVENT_WAIT || c == OP_CLASS_NOTIFY_WAIT
}

/** Gives a new operator its tickets. */
export function takeTickets(op: u32): void {
  const id = opSync(op)
  if (id == NONE) return
  const y = syncAt(id)
  set_opRecordTicket(op, recordsSubmitted(y))
  set_opWaitTicket(op, waitsSubmitted(y))
  if (isWait(opClass(op))) set_waitsSubmitted(y, waitsSubmitted(y) + 1)
  else set_recordsSubmitted(y, recordsSubmitted(y) + 1)
}

/** Whether what the operator depends on has gone. */
export function isFree(op: u32): bool {
  const id = opSync(op)
  if (id == NONE) return true
  const y = syncAt(id)
  if (recordsDispatched(y) < opRecordTicket(op)) return false
  return isWait(opClass(op)) || waitsDispatched(y) >= opWaitTicket(op)
}

/** Puts the stream where its next operator belongs: eligible, blocked, or idle. It must be in no list. */
export function classify(s: u32): void {
  const next = head(s)
  if (next == 0) {
    set_state(s, IDLE)
    return
  }
  const op = opAt(next - 1)
  if (isFree(op)) {
    const d = deviceAt(device(s))
    set_state(s, ELIGIBLE)
    if (vtime(s) < vclock(d)) set_vtime(s, vclock(d)) // what was not used while idle is not saved up
    heapPush(d, s)
    return
  }
  const y = syncAt(opSync(op))
  set_state(s, BLOCKED)
  set_blockedNext(s, blockedHead(y))
  set_blockedHead(y, streamId(s) + 1)
}

/** Looks again at every stream that waits for an operator on the object. */
function wake(y: u32): void {
  let next = blockedHead(y)
  set_blockedHead(y, 0)
  while (next != 0) {
    const s = streamAt(next - 1)
    next = blockedNext(s)
    classify(s)
  }
}

/** The operator was dispatched (or dropped with its stream): others on its object may go. */
export function passTicket(op: u32): void {
  const id = opSync(op)
  if (id == NONE) return
  const y = syncAt(id)
  if (isWait(opClass(op))) set_waitsDispatched(y, waitsDispatched(y) + 1)
  else set_recordsDispatched(y, recordsDispatched(y) + 1)
  wake(y)
}

/** Takes a stream out of whatever list its state says. */
export function takeOut(s: u32): void {
  const was = state(s)
  if (was == ELIGIBLE) heapRemove(deviceAt(device(s)), s)
  else if (was == BLOCKED) {
    const y = syncAt(opSync(opAt(head(s) - 1)))
    const number = streamId(s) + 1
    let at = blockedHead(y)
    if (at == number) set_blockedHead(y, blockedNext(s))
    else {
      while (at != 0) {
        const other = streamAt(at - 1)
        at = blockedNext(other)
        if (at == number) {
          set_blockedNext(other, blockedNext(s))
          break
        }
      }
    }
  }
  if (was != BARRIER) set_state(s, IDLE)
}

/** The object is gone: its counts begin anew. Streams that waited for it are looked at again. */
export function forgetSync(id: u32): void {
  const y = syncAt(id)
  set_recordsDispatched(y, recordsSubmitted(y))
  set_waitsDispatched(y, waitsSubmitted(y))
  wake(y)
  set_recordsSubmitted(y, 0)
  set_recordsDispatched(y, 0)
  set_waitsSubmitted(y, 0)
  set_waitsDispatched(y, 0)
}
