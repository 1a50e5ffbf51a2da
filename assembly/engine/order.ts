/**
 * When an operator may go: everything before it in its stream has gone, and so has what it depends on through its
 * event. Dependencies lead from later to earlier submissions only, so there is no cycle.
 *
 * A wait for an event means the record that was issued last before it, so that neither may overtake the other on the
 * way to the device. A notify is a semaphore of the device, and order of issue means nothing to it; ordering by it
 * here could only make a deadlock of a program that has none. What follows a wait for a notify stays here until the
 * wait is complete, or until it has waited so long that the schedule lets it through. What follows a function of the
 * host that its stream waits for stays until the host says that it has returned: the device knows nothing of it.
 */
import {
  NONE,
  OP_CLASS_CALLBACK_BLOCK,
  OP_CLASS_EVENT_RECORD,
  OP_CLASS_EVENT_RESET,
  OP_CLASS_EVENT_WAIT,
  OP_CLASS_NOTIFY_RECORD,
  OP_CLASS_NOTIFY_WAIT,
} from '../../build/gen/as/layout'
import { barrierList, deviceAt, eligibleList, vclock } from '../state/devices'
import { now_ns, set_more } from '../state/globals'
import {
  BLOCKED_LINK,
  ELIGIBLE_LINK,
  listAppend,
  listClear,
  listFirst,
  listMoveToEnd,
  listNext,
  listRemove,
} from '../state/lists'
import {
  opAt,
  opClass,
  opLife,
  opRecordTicket,
  opSync,
  opWaitTicket,
  set_opLife,
  set_opRecordTicket,
  set_opWaitTicket,
} from '../state/ops'
import {
  BARRIER,
  BLOCKED,
  CALLED,
  device,
  ELIGIBLE,
  head,
  IDLE,
  set_eligibleSince,
  set_state,
  set_vtime,
  state,
  vtime,
} from '../state/streams'
import {
  blockedList,
  life,
  recordsDispatched,
  recordsSubmitted,
  set_life,
  set_recordsDispatched,
  set_recordsSubmitted,
  set_waitsDispatched,
  set_waitsSubmitted,
  syncAt,
  waitsDispatched,
  waitsSubmitted,
} from '../state/syncs'
import { heapPush, heapRaise, heapRemove } from './heap'

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

/** Whether operators of the class wait on the device: their time says nothing of the work around them. */
export function isWait(c: u32): bool {
  return c == OP_CLASS_EVENT_WAIT || c == OP_CLASS_NOTIFY_WAIT
}

/** Whether operators of the class may wait for something that is not there yet, without end. */
export function isBarrier(c: u32): bool {
  return c == OP_CLASS_NOTIFY_WAIT || c == OP_CLASS_CALLBACK_BLOCK
}

/** Whether operators of the class order with others on their object. */
export function isOrdered(c: u32): bool {
  return c == OP_CLASS_EVENT_RECORD || c == OP_CLASS_EVENT_WAIT || c == OP_CLASS_EVENT_RESET
}

/** Gives a new operator its tickets. */
export function takeTickets(op: u32): void {
  const id = opSync(op)
  if (id == NONE) return
  const y = syncAt(id)
  set_opLife(op, life(y))
  set_opRecordTicket(op, recordsSubmitted(y))
  set_opWaitTicket(op, waitsSubmitted(y))
  if (isWait(opClass(op))) set_waitsSubmitted(y, waitsSubmitted(y) + 1)
  else set_recordsSubmitted(y, recordsSubmitted(y) + 1)
}

/** Whether a counter has reached a ticket; both wrap around. */
function reached(counter: u32, ticket: u32): bool {
  return <i32>(counter - ticket) >= 0
}

/** Whether what the operator depends on has gone. */
export function isFree(op: u32): bool {
  const id = opSync(op)
  if (id == NONE) return true
  const y = syncAt(id)
  if (opLife(op) != life(y)) return true
  if (!reached(recordsDispatched(y), opRecordTicket(op))) return false
  return isWait(opClass(op)) || reached(waitsDispatched(y), opWaitTicket(op))
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
    set_eligibleSince(s, now_ns())
    if (vtime(s) < vclock(d)) set_vtime(s, vclock(d)) // what was not used while idle is not saved up
    heapPush(d, s)
    listAppend(eligibleList(d), ELIGIBLE_LINK, s)
    return
  }
  set_state(s, BLOCKED)
  listAppend(blockedList(syncAt(opSync(op))), BLOCKED_LINK, s)
}

/**
 * Operators of an eligible stream have gone: it stays eligible, with the virtual time it has now, or goes where its next
 * operator belongs.
 */
export function goOn(s: u32): void {
  const next = head(s)
  if (next == 0 || !isFree(opAt(next - 1))) {
    takeOut(s)
    classify(s)
    return
  }
  const d = deviceAt(device(s))
  set_eligibleSince(s, now_ns())
  if (vtime(s) < vclock(d)) set_vtime(s, vclock(d))
  heapRaise(d, s)
  listMoveToEnd(eligibleList(d), ELIGIBLE_LINK, s)
}

/**
 * Looks again at every stream that waits for an operator on the object. Where one belongs to another device than `number`,
 * that device is scheduled at the next tick, which the core asks for at once.
 */
function wake(y: u32, number: u32): void {
  let s = listFirst(blockedList(y))
  listClear(blockedList(y))
  while (s != 0) {
    const next = listNext(BLOCKED_LINK, s)
    classify(s)
    if (device(s) != number) set_more(1)
    s = next
  }
}

/** The operator was dispatched on device `number` (or dropped with its stream): others on its object may go. */
export function passTicket(op: u32, number: u32): void {
  const id = opSync(op)
  if (id == NONE) return
  const y = syncAt(id)
  if (opLife(op) != life(y)) return
  if (isWait(opClass(op))) set_waitsDispatched(y, waitsDispatched(y) + 1)
  else set_recordsDispatched(y, recordsDispatched(y) + 1)
  wake(y, number)
}

/** Takes a stream out of whatever list its state says, and leaves it idle. */
export function takeOut(s: u32): void {
  const was = state(s)
  const d = deviceAt(device(s))
  if (was == ELIGIBLE) {
    heapRemove(d, s)
    listRemove(eligibleList(d), ELIGIBLE_LINK, s)
  } else if (was == BLOCKED) listRemove(blockedList(syncAt(opSync(opAt(head(s) - 1)))), BLOCKED_LINK, s)
  else if (was == BARRIER && head(s) != 0) listRemove(barrierList(d), ELIGIBLE_LINK, s)
  set_state(s, IDLE)
}

/** Such an operator was dispatched: what follows it waits for its completion. */
export function enterBarrier(s: u32, c: u32): void {
  set_state(s, c == OP_CLASS_CALLBACK_BLOCK ? CALLED : BARRIER)
  if (head(s) != 0) noteBarrier(s)
}

/** A stream behind such an operator has its first operator queued. */
export function noteBarrier(s: u32): void {
  if (state(s) != BARRIER) return
  set_eligibleSince(s, now_ns())
  listAppend(barrierList(deviceAt(device(s))), ELIGIBLE_LINK, s)
}

/** The operator is complete, or the wait has taken too long: what follows it may go. */
export function leaveBarrier(s: u32): void {
  takeOut(s)
  classify(s)
}

/**
 * The object is gone and its number may be used again: operators still queued on it order with nothing any more, and
 * the streams that waited for one of them may go.
 */
export function forgetSync(id: u32): void {
  const y = syncAt(id)
  set_life(y, life(y) + 1)
  set_recordsSubmitted(y, 0)
  set_recordsDispatched(y, 0)
  set_waitsSubmitted(y, 0)
  set_waitsDispatched(y, 0)
  wake(y, NONE)
}
