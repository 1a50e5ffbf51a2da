/** Sums over the selected area. */
import { decisions as kinds } from '../../spec/records.ts'
import { trackKind, TrackKind } from '../lib/deltas.ts'
import { count, duration, moment, percent, words } from '../lib/format.ts'
import { KINDS } from '../lib/marks.ts'
import { phaseLabels } from '../lib/phases.ts'
import * as app from '../state/app.ts'
import { rows } from '../timeline/scroll.ts'
import { Head } from './head.tsx'
import { Icon } from './icons.tsx'

const labelOf = (id: number): string => rows.value.find((row) => row.id === id)?.label ?? String(id)

/** Busy time by phase of the rows that are selected (of the devices where none is): tracks of one kind only add up. */
function busyBy(
  from: number,
  to: number,
  chosen: readonly number[] | undefined,
): { label: string; sums: Float64Array }[] {
  const tracks = [...app.trace.tracks.values()].filter((track) => {
    const kind = trackKind(track.id)
    if (kind === TrackKind.WAIT) return false
    return chosen === undefined ? kind === TrackKind.DEVICE : chosen.includes(track.id)
  })
  return tracks.slice(0, 8).map((track) => ({ label: labelOf(track.id), sums: track.sums(from, to) }))
}

export function AreaSums() {
  const area = app.selection.value
  if (area === undefined) return null
  void app.revision.value
  const { from, to } = area
  const length = Math.max(1, to - from)
  const tally = new Uint32Array(KINDS)
  app.trace.marks.tally(app.trace.marks.from(from), app.trace.marks.from(to), tally)
  const busy = busyBy(from, to, area.rows)
  return (
    <section class="area" aria-label="Selected area">
      <header>
        <strong>{duration(length)}</strong>
        <span class="muted">
          {moment(from)} to {moment(to)}
        </span>
        <span class="area-decisions">
          {kinds
            .filter(({ id }) => tally[id]! > 0)
            .map(({ id, name }) => (
              <span key={id}>
                {words(name)} <b>{count(tally[id]!)}</b>
              </span>
            ))}
        </span>
        <button type="button" class="button small" onClick={() => app.look(from, to)} title="Zoom to it (Z)">
          Zoom
        </button>
        <button
          type="button"
          class="button icon small"
          aria-label="Select nothing"
          onClick={() => (app.selection.value = undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      {busy.length > 0 && (
        <table>
          <Head columns={['busy', ...phaseLabels, 'on credit']} />
          <tbody>
            {busy.map(({ label, sums }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {[...sums].map((ns, kind) => (
                  <td key={String(kind)}>{ns === 0 ? '–' : `${duration(ns)} (${percent(ns / length)})`}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
