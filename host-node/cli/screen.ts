/**
 * What `flexnpu top` shows, as lines: pure, so that it is tested without a terminal. A frame is drawn over the one before
 * without clearing it first, each line cut to the width, which is why nothing flickers.
 */
import type { Status } from '../daemon/status.ts'
import { showBytes } from '../tenants/sizes.ts'
import { columns } from './columns.ts'

const limited = (used: number, limit: number, show = String as (n: number) => string): string =>
  limit === 0 ? show(used) : `${show(used)}/${show(limit)}`

/** Per cent of the time between two statuses in which the tenant's operators ran; they may overlap. */
function busy(status: Status, before: Status | undefined, tenant: number, elapsed_ms: number): string {
  const [now, then] = [status, before].map((s) => s?.tenants.find((t) => t.number === tenant)?.running_ns)
  if (now === undefined || then === undefined || elapsed_ms <= 0 || now < then) return '-'
  return `${((now - then) / elapsed_ms / 10_000).toFixed(0)} %`
}

/** A status as lines. With the one before it, what happened between. */
export function screenLines(status: Status, before?: Status, elapsed_ms = 0): string[] {
  const { device: d, pid, tenants, streams, clients } = status
  const names = new Map(tenants.map((t) => [t.number, t.name]))
  const params = Object.entries(d.params).map(([name, value]) => ` ${name}=${value}`)
  return [
    `device ${d.number}  ${d.chip}  policy ${d.policy}${params.join('')}  decode share ${d.decode_share} ‰  ` +
      `HBM ${showBytes(d.hbm_used_bytes)} of ${showBytes(d.hbm_bytes)}  clients ${clients.length}  daemon ${pid}`,
    '',
    ...columns([
      ['TENANT', 'WEIGHT', 'PRIORITY', 'BUSY', 'HBM', 'STREAMS', 'QUEUED'],
      ...tenants.map((t) => [
        t.name,
        String(t.weight),
        String(t.priority),
        busy(status, before, t.number, elapsed_ms),
        limited(t.hbm_used_bytes, t.hbm_bytes, showBytes),
        limited(t.streams, t.stream_limit),
        String(t.queued),
      ]),
    ]),
    '',
    ...columns([
      ['STREAM', 'TENANT', 'PID', 'PHASE', 'SURE', 'QUEUED', 'IN FLIGHT', 'SUBMITTED', 'COMPLETED'],
      ...streams.map((s) => [
        String(s.number),
        names.get(s.tenant) ?? String(s.tenant),
        String(s.pid),
        s.phase.toLowerCase(),
        s.phase === 'UNKNOWN' ? '-' : `${Math.round(s.confidence / 10)} %`,
        String(s.queued),
        String(s.inflight),
        String(s.submitted),
        String(s.completed),
      ]),
    ]),
  ]
}

/** The bytes that put these lines on a terminal of that size over whatever is there. */
export function frame(lines: readonly string[], columnCount: number, rowCount: number): string {
  const fits = lines.length <= rowCount
  const shown = fits ? lines : [...lines.slice(0, rowCount - 1), `... ${lines.length - rowCount + 1} more`]
  // Home; each line, its rest erased (where it has one: at the last column that would erase a character); below the
  // last, everything. In one write, so that the terminal draws it as one.
  const cut = (line: string): string => (line.length >= columnCount ? line.slice(0, columnCount) : `${line}\x1b[K`)
  return `\x1b[H${shown.map(cut).join('\r\n')}${shown.length < rowCount ? '\x1b[J' : ''}`
}
