/** On what machine a figure was measured; a figure without it says little. */
import { cpus, totalmem } from 'node:os'

/** One line: processor, number of cores, memory, Node. */
export function machineNote(): string {
  const processors = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${processors.length} cores, ${gib} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`
}
