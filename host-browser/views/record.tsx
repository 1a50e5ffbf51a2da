/** A record, field by field. */
import type { ShownRecord } from '../../host-node/log/shown.ts'

/** `leave`: fields that are said elsewhere. */
export function Record({ shown, leave = [] }: { shown: ShownRecord; leave?: readonly string[] }) {
  const fields = Object.entries(shown).filter(
    ([name, value]) => name !== 'kind' && value !== null && value !== '' && !leave.includes(name),
  )
  return (
    <dl class="record">
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{String(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
