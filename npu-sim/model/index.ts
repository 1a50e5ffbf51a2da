/**
 * The execution model of one simulated NPU: work that was started runs as a fluid, at rates that change only when
 * something starts or ends, so every completion has an exact time. One instance is one device. Time is in nanoseconds of
 * the device and never goes back; the caller (npu-sim/acl) keeps queues and events and starts what is due.
 *
 * Protocol: `advance(to)` moves time to the next completion, or to `to` where none comes before it, and returns the tag
 * of what completed, or NONE. Work is started at the present time of the model, `now()`.
 */
import { Chip, chips, GAP_EAGER_NS, GAP_GRAPH_NS, STATIC_CUBE_NS, STATIC_LINK_NS, STATIC_VECTOR_NS } from './chips'
import { setRates } from './share'
import {
  addTask,
  clearTasks,
  copyTasksFrom,
  copyTasksTo,
  MAX_TASK_BYTES,
  NONE,
  PHASE_LATENCY,
  PHASE_WORK,
  removeTask,
  Task,
  taskAt,
  taskCount,
} from './tasks'

let chip: Chip = chips[0]
let time: f64 = 0
let stale: bool = false

// What was done since init, and how long anything worked: the source of utilization.
let cubeDone: f64 = 0
let vectorDone: f64 = 0
let hbmDone: f64 = 0
let linkDone: f64 = 0
let copyDone: f64 = 0
let busy: f64 = 0

/** Becomes an idle chip at time 0; false where there is no such chip. */
export function init(number: u32): bool {
  if (number >= <u32>chips.length) return false
  chip = chips[number]
  time = 0
  stale = false
  cubeDone = vectorDone = hbmDone = linkDone = copyDone = busy = 0
  clearTasks()
  return true
}

export function chip_count(): u32 {
  return <u32>chips.length
}
export function cube_cores(): u32 {
  return <u32>chip.cubeCores
}
export function vector_cores(): u32 {
  return <u32>chip.vectorCores
}
export function hbm_bytes(): u64 {
  return <u64>chip.hbmBytes
}
export function l2_bytes(): u64 {
  return <u64>chip.l2Bytes
}

/** Present time, ns. */
export function now(): u64 {
  return <u64>time
}

function begin(tag: u32, latency: f64): Task | null {
  const task = addTask(tag)
  if (task === null) return null
  task.phase = PHASE_LATENCY
  task.left = 1
  task.ready = time + latency
  return task
}

/**
 * Starts a kernel now; false where the device is full (4,096 at once). A kernel with cube work runs on AI cores, two
 * vector cores beside each for its vector part; any other kernel runs on vector cores.
 */
export function start_kernel(
  tag: u32,
  inGraph: bool,
  blocks: u32,
  cubeOps: f64,
  vectorOps: f64,
  hbmBytes: f64,
  linkBytes: f64,
): bool {
  let latency = inGraph ? GAP_GRAPH_NS : GAP_EAGER_NS
  if (linkBytes > 0) latency += STATIC_LINK_NS
  else if (cubeOps > 0) latency += STATIC_CUBE_NS
  else if (vectorOps > 0 || hbmBytes > 0) latency += STATIC_VECTOR_NS
  const task = begin(tag, latency)
  if (task === null) return false
  task.cube = cubeOps
  task.vector = vectorOps
  task.hbm = hbmBytes
  task.link = linkBytes
  if (cubeOps > 0) {
    task.cubeWanted = min(<f64>blocks, chip.cubeCores)
    if (vectorOps > 0) task.vectorWanted = min(2.0 * <f64>blocks, chip.vectorCores)
  } else if (vectorOps > 0 || hbmBytes > 0) {
    task.vectorWanted = min(<f64>blocks, chip.vectorCores)
  }
  return true
}

/** Where a copy goes. */
export const COPY_TO_DEVICE: u32 = 0
export const COPY_FROM_DEVICE: u32 = 1
export const COPY_ON_DEVICE: u32 = 2
/** Sets memory: writes only. */
export const FILL: u32 = 3

/**
 * Starts a copy or fill now; false where the device is full. Host copies share the DMA engine of their direction; copies
 * on the device read and write HBM (assumed to reach its usable bandwidth; nothing is published).
 */
export function start_copy(tag: u32, inGraph: bool, direction: u32, bytes: f64): bool {
  const task = begin(tag, inGraph ? GAP_GRAPH_NS : GAP_EAGER_NS)
  if (task === null) return false
  task.hbm = direction == COPY_ON_DEVICE ? 2 * bytes : bytes
  if (direction == COPY_TO_DEVICE) task.toDevice = bytes
  else if (direction == COPY_FROM_DEVICE) task.fromDevice = bytes
  return true
}

/** Takes started work away without completing it; false where there is none with this tag. */
export function cancel(tag: u32): bool {
  for (let i: u32 = 0; i < taskCount(); i++) {
    if (taskAt(i).tag == tag) {
      if (taskAt(i).phase == PHASE_WORK) stale = true
      removeTask(i)
      return true
    }
  }
  return false
}

/** Adds part of a task's work to the totals. */
function account(task: Task, part: f64): void {
  cubeDone += part * task.cube
  vectorDone += part * task.vector
  hbmDone += part * task.hbm
  linkDone += part * task.link
  copyDone += part * (task.toDevice + task.fromDevice)
}

/** Lets everything work until `to` at its present rate. */
function flow(to: f64): void {
  const span = to - time
  if (span > 0) {
    let worked = false
    for (let i: u32 = 0, n = taskCount(); i < n; i++) {
      const task = taskAt(i)
      if (task.phase != PHASE_WORK) continue
      worked = true
      const part = task.finish <= to ? task.left : min(task.left, task.rate * span)
      account(task, part)
      task.left -= part
    }
    if (worked) busy += span
  }
  time = to
}

/** Rates and expected ends after a change of who works. */
function refresh(): void {
  stale = false
  setRates(chip)
  for (let i: u32 = 0, n = taskCount(); i < n; i++) {
    const task = taskAt(i)
    if (task.phase == PHASE_WORK) task.finish = task.left > 0 ? time + Math.ceil(task.left / task.rate) : time
  }
}

/** The next time at which anything changes if nothing is started, ns; all ones where nothing is on the device. */
export function next(): u64 {
  if (stale) refresh()
  let earliest: f64 = Infinity
  for (let i: u32 = 0, n = taskCount(); i < n; i++) {
    const task = taskAt(i)
    earliest = min(earliest, task.phase == PHASE_LATENCY ? task.ready : task.finish)
  }
  return earliest == Infinity ? u64.MAX_VALUE : <u64>earliest
}

/** As next(), of the tasks with tags from `first` on, `count` of them: when one owner's work changes next. */
export function next_of(first: u32, count: u32): u64 {
  if (stale) refresh()
  let earliest: f64 = Infinity
  for (let i: u32 = 0, n = taskCount(); i < n; i++) {
    const task = taskAt(i)
    if (task.tag - first >= count) continue
    earliest = min(earliest, task.phase == PHASE_LATENCY ? task.ready : task.finish)
  }
  return earliest == Infinity ? u64.MAX_VALUE : <u64>earliest
}

/** Takes the work with tags from `first` on, `count` of them, away: its owner is gone. */
export function cancel_of(first: u32, count: u32): void {
  for (let i: u32 = taskCount(); i > 0; i--) {
    const task = taskAt(i - 1)
    if (task.tag - first >= count) continue
    if (task.phase == PHASE_WORK) stale = true
    removeTask(i - 1)
  }
}

/** See the head of the file. */
export function advance(to: u64): u32 {
  const limit = <f64>to
  while (true) {
    if (stale) refresh()
    let earliest: f64 = Infinity
    const count = taskCount()
    for (let i: u32 = 0; i < count; i++) {
      const task = taskAt(i)
      earliest = min(earliest, task.phase == PHASE_LATENCY ? task.ready : task.finish)
    }
    if (earliest > limit) {
      if (limit > time) flow(limit)
      return NONE
    }
    flow(max(earliest, time))
    for (let i: u32 = 0; i < count; i++) {
      const task = taskAt(i)
      if (task.phase == PHASE_LATENCY && task.ready <= time) {
        task.phase = PHASE_WORK
        task.finish = Infinity
        if (task.cube + task.vector + task.hbm + task.link + task.toDevice + task.fromDevice == 0) task.left = 0
        stale = true
      }
    }
    if (stale) refresh()
    for (let i: u32 = 0; i < count; i++) {
      const task = taskAt(i)
      if (task.phase == PHASE_WORK && task.finish <= time) {
        account(task, task.left)
        const tag = task.tag
        removeTask(i)
        stale = true
        return tag
      }
    }
  }
}

/** Operations of the cube units done since init. */
export function cube_ops_done(): f64 {
  return cubeDone
}
/** Operations of the vector units done since init. */
export function vector_ops_done(): f64 {
  return vectorDone
}
/** Bytes moved to and from HBM since init. */
export function hbm_bytes_done(): f64 {
  return hbmDone
}
/** Bytes moved over links since init. */
export function link_bytes_done(): f64 {
  return linkDone
}
/** Bytes copied between host and device since init. */
export function copy_bytes_done(): f64 {
  return copyDone
}
/** Time during which anything worked since init, ns. */
export function busy_ns(): u64 {
  return <u64>busy
}

/** Of which resource: cube units, vector units, HBM. */
export const RESOURCE_CUBE: u32 = 0
export const RESOURCE_VECTOR: u32 = 1
export const RESOURCE_HBM: u32 = 2

/** What was done with a resource since init, of what its published peak does in `span` ns, in permille. */
export function utilization_permille(resource: u32, span: u64): u32 {
  if (span == 0) return 0
  const done = resource == RESOURCE_CUBE ? cubeDone : resource == RESOURCE_VECTOR ? vectorDone : hbmDone
  const peak =
    resource == RESOURCE_CUBE
      ? chip.cubeOpsPerNs
      : resource == RESOURCE_VECTOR
        ? chip.vectorOpsPerNs
        : chip.hbmBytesPerNs
  return <u32>Math.round((1000 * done) / (peak * <f64>span))
}

/**
 * The state as bytes, so that several instances can take turns at being one device: all that changes after init, in
 * the order of writing below, then the active tasks. Only an instance of the same chip may take it.
 */
const STATE_HEAD_BYTES: u32 = 64
const state: usize = memory.data(<i32>(STATE_HEAD_BYTES + MAX_TASK_BYTES), 16)

/** Where save() writes and restore() reads. */
export function state_address(): usize {
  return state
}
export function state_max_bytes(): u32 {
  return STATE_HEAD_BYTES + MAX_TASK_BYTES
}

/** Writes the state; how many bytes. */
export function save(): u32 {
  store<f64>(state, time)
  store<f64>(state, cubeDone, 8)
  store<f64>(state, vectorDone, 16)
  store<f64>(state, hbmDone, 24)
  store<f64>(state, linkDone, 32)
  store<f64>(state, copyDone, 40)
  store<f64>(state, busy, 48)
  store<u64>(state, stale ? 1 : 0, 56)
  return STATE_HEAD_BYTES + copyTasksTo(state + STATE_HEAD_BYTES)
}

/** Becomes the state that save() wrote; false where it is none. */
export function restore(bytes: u32): bool {
  if (bytes < STATE_HEAD_BYTES || !copyTasksFrom(state + STATE_HEAD_BYTES, bytes - STATE_HEAD_BYTES)) return false
  time = load<f64>(state)
  cubeDone = load<f64>(state, 8)
  vectorDone = load<f64>(state, 16)
  hbmDone = load<f64>(state, 24)
  linkDone = load<f64>(state, 32)
  copyDone = load<f64>(state, 40)
  busy = load<f64>(state, 48)
  stale = load<u64>(state, 56) != 0
  return true
}
