/**
 * How fast each working task goes: cores are shared max-min among the tasks that want them, then each task is held to
 * the slowest of its resources (roofline), and bytes are shared max-min in turn. Nobody gets more than it asks for, no
 * resource gives more than it has, and what one does not use the others get.
 */
import {
  BANDWIDTH_CORE_SHARE,
  Chip,
  COMPUTE_REACHED,
  HOST_COPY_BYTES_PER_NS,
  LINK_BYTES_PER_NS,
  LINK_REACHED,
  MEMORY_REACHED,
} from './chips'
import { PHASE_WORK, Task, taskAt, taskCount } from './tasks'

/**
 * Max-min: every working task with a demand gets min(demand, level), where the level uses the capacity up. Rounds: those
 * that ask for less than an equal part are served; the rest share what is left, until all that remain ask for more.
 */
function shareOut(capacity: f64): void {
  const count = taskCount()
  let left = capacity
  let open: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    task.grant = -1
    if (task.phase == PHASE_WORK && task.demand > 0) open++
  }
  while (open > 0) {
    const level = left / <f64>open
    let served: u32 = 0
    for (let i: u32 = 0; i < count; i++) {
      const task = taskAt(i)
      if (task.phase != PHASE_WORK || !(task.demand > 0) || task.grant >= 0) continue
      if (task.demand <= level) {
        task.grant = task.demand
        left -= task.demand
        served++
      }
    }
    if (served == 0) {
      for (let i: u32 = 0; i < count; i++) {
        const task = taskAt(i)
        if (task.phase == PHASE_WORK && task.demand > 0 && task.grant < 0) task.grant = level
      }
      return
    }
    open -= served
  }
}

/** Holds the rate of a task that got `grant` bytes a ns of a resource of which its whole work needs `bytes`. */
function holdToGrant(task: Task, bytes: f64): void {
  if (bytes > 0) task.rate = min(task.rate, task.grant / bytes)
}

/** Sets the rate of every working task. */
export function setRates(chip: Chip): void {
  const count = taskCount()

  for (let i: u32 = 0; i < count; i++) taskAt(i).demand = taskAt(i).cubeWanted
  shareOut(chip.cubeCores)
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    task.cubeShare = max(task.grant, 0) / chip.cubeCores
    task.demand = task.vectorWanted
  }
  shareOut(chip.vectorCores)
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    task.vectorShare = max(task.grant, 0) / chip.vectorCores
    let rate: f64 = Infinity
    if (task.cube > 0) rate = min(rate, (COMPUTE_REACHED * chip.cubeOpsPerNs * task.cubeShare) / task.cube)
    if (task.vector > 0) rate = min(rate, (COMPUTE_REACHED * chip.vectorOpsPerNs * task.vectorShare) / task.vector)
    task.rate = rate
    task.demand = task.toDevice > 0 ? min(task.toDevice * rate, HOST_COPY_BYTES_PER_NS) : 0
  }

  shareOut(HOST_COPY_BYTES_PER_NS)
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    holdToGrant(task, task.toDevice)
    task.demand = task.fromDevice > 0 ? min(task.fromDevice * task.rate, HOST_COPY_BYTES_PER_NS) : 0
  }
  shareOut(HOST_COPY_BYTES_PER_NS)
  const links = LINK_BYTES_PER_NS * LINK_REACHED
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    holdToGrant(task, task.fromDevice)
    task.demand = task.link > 0 ? min(task.link * task.rate, links) : 0
  }
  shareOut(links)
  const memory = chip.hbmBytesPerNs * MEMORY_REACHED
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    holdToGrant(task, task.link)
    const cores = max(task.cubeShare, task.vectorShare)
    // DMA engines (copies, fills) want no cores and are not held back by them.
    const onCores = task.cubeWanted > 0 || task.vectorWanted > 0
    const reach = onCores ? memory * min(1.0, cores / BANDWIDTH_CORE_SHARE) : memory
    task.demand = task.hbm > 0 ? min(task.hbm * task.rate, reach) : 0
  }
  shareOut(memory)
  for (let i: u32 = 0; i < count; i++) {
    const task = taskAt(i)
    holdToGrant(task, task.hbm)
  }
}
