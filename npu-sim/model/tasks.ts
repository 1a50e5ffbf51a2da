/**
 * The table of work that is on the device: at most one entry a stream, so 4,096 is ample. Entries are plain memory; the
 * active ones are listed in the order in which they started, which is what makes every result independent of chance.
 */

/** How many tasks may be on the device at once: 1,984 streams, their default streams and synchronous copies. */
export const MAX_TASKS: u32 = 4096
/** No task. */
export const NONE: u32 = 0xffffffff

/** Not on the device. */
export const PHASE_FREE: u32 = 0
/** Launched: its launch gap and fixed cost run, it holds nothing yet. */
export const PHASE_LATENCY: u32 = 1
/** Works, at its present rate. */
export const PHASE_WORK: u32 = 2

@unmanaged
export class Task {
  /** Given by the caller, returned at completion. */
  tag: u32
  phase: u32
  /** When its work begins (end of the latency), ns. */
  ready: f64
  /** When it ends if nothing changes, ns. */
  finish: f64
  /** Part of the work that is left, 1 to 0. */
  left: f64
  /** Part of the work done a nanosecond. */
  rate: f64
  /** The work: operations of both kinds; bytes to and from HBM, over links, to the device, from the device. */
  cube: f64
  vector: f64
  hbm: f64
  link: f64
  toDevice: f64
  fromDevice: f64
  /** Cores it could use, and those it has at present. */
  cubeWanted: f64
  vectorWanted: f64
  cubeShare: f64
  vectorShare: f64
  /** Scratch of the sharing step: what it asks of the resource at hand, and what it gets. */
  demand: f64
  grant: f64
}

const TASK_BYTES: u32 = 144
const table: usize = memory.data(<i32>(MAX_TASKS * TASK_BYTES), 16)
const listed: usize = memory.data(<i32>(MAX_TASKS * 4), 16)
const spare: usize = memory.data(<i32>(MAX_TASKS * 4), 16)
let active: u32 = 0
let spares: u32 = 0

export function taskCount(): u32 {
  return active
}

/** The i-th active task, in order of start. */
export function taskAt(i: u32): Task {
  return changetype<Task>(table + load<u32>(listed + (i << 2)) * TASK_BYTES)
}

/** Forgets every task. */
export function clearTasks(): void {
  assert(offsetof<Task>() <= TASK_BYTES)
  active = 0
  spares = MAX_TASKS
  for (let i: u32 = 0; i < MAX_TASKS; i++) store<u32>(spare + (i << 2), MAX_TASKS - 1 - i)
}

/** A new task at the end of the list, all zero; null where the table is full. */
export function addTask(tag: u32): Task | null {
  if (spares == 0) return null
  const slot = load<u32>(spare + (--spares << 2))
  store<u32>(listed + (active++ << 2), slot)
  memory.fill(table + slot * TASK_BYTES, 0, TASK_BYTES)
  const task = changetype<Task>(table + slot * TASK_BYTES)
  task.tag = tag
  return task
}

/** Takes the i-th active task away; the order of the others stays. */
export function removeTask(i: u32): void {
  const at = listed + (i << 2)
  const slot = load<u32>(at)
  changetype<Task>(table + slot * TASK_BYTES).phase = PHASE_FREE
  store<u32>(spare + (spares++ << 2), slot)
  active--
  memory.copy(at, at + 4, (active - i) << 2)
}

/** Bytes of the whole table in a copy. */
export const MAX_TASK_BYTES: u32 = MAX_TASKS * TASK_BYTES

/** Copies the active tasks to `to`, in their order; how many bytes. */
export function copyTasksTo(to: usize): u32 {
  for (let i: u32 = 0; i < active; i++) memory.copy(to + i * TASK_BYTES, changetype<usize>(taskAt(i)), TASK_BYTES)
  return active * TASK_BYTES
}

/** Becomes the table that copyTasksTo made; false where the size is wrong. */
export function copyTasksFrom(from: usize, bytes: u32): bool {
  if (bytes % TASK_BYTES != 0 || bytes > MAX_TASK_BYTES) return false
  while (active > 0) removeTask(active - 1)
  for (let i: u32 = 0, n = bytes / TASK_BYTES; i < n; i++) {
    addTask(0)
    memory.copy(changetype<usize>(taskAt(i)), from + i * TASK_BYTES, TASK_BYTES)
  }
  return true
}
