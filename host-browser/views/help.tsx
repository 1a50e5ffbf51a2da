/** Every key, and the words of conditions. */
import { useEffect, useRef } from 'preact/hooks'
import { fieldsOf, roots } from '../lib/predicate/fields.ts'
import * as app from '../state/app.ts'
import { commands, type Command } from '../state/commands.ts'
import { Icon } from './icons.tsx'

const groups: Command['group'][] = ['Move', 'Step', 'Show', 'Do']

const shownKey = (key: string): string =>
  key
    .replace('Arrow', '')
    .replace('Right', '→')
    .replace('Left', '←')
    .replace('Shift+', 'Shift ')
    .replace(/^([a-z])$/, (letter) => letter.toUpperCase())

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (app.help.value) dialog.current?.showModal()
    else dialog.current?.close()
  }, [app.help.value])
  return (
    <dialog
      class="help"
      ref={dialog}
      aria-labelledby="help-title"
      onClose={() => (app.help.value = false)}
      onClick={(event) => {
        if (event.target === dialog.current) app.help.value = false
      }}
    >
      {app.help.value && (
        <div class="help-body">
          <header>
            <h2 id="help-title">Keys</h2>
            <button type="button" class="button icon" aria-label="Close" onClick={() => (app.help.value = false)}>
              <Icon name="close" />
            </button>
          </header>
          <div class="help-groups">
            {groups.map((group) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl>
                  {commands
                    .filter((command) => command.group === group)
                    .map(({ keys, label }) => (
                      <div key={label}>
                        <dt>
                          {keys.map((key) => (
                            <kbd key={key}>{shownKey(key)}</kbd>
                          ))}
                        </dt>
                        <dd>{label}</dd>
                      </div>
                    ))}
                </dl>
              </section>
            ))}
          </div>
          <p>
            In the timeline: the wheel zooms, with Shift it moves in time, with Alt through the rows; a drag moves;
            Shift and a drag selects an area; a click goes there.
          </p>
          <h2>Conditions</h2>
          <p>
            <code>stream.queue &gt; 32</code>, <code>decision == hold and decision.rule == window_full</code>,{' '}
            <code>event.kernel ~ "matmul"</code>, <code>device[0].share &lt; 90%</code>, <code>time &gt; 1.5s</code>.{' '}
            <code>stream</code>, <code>device</code> and <code>tenant</code> are those of the event or decision; with a
            number, as in <code>stream[3]</code>, any. Units: ns us ms s KiB MiB GiB %.
          </p>
          <dl class="help-fields">
            {roots.map((root) => (
              <div key={root}>
                <dt>
                  <code>{root}</code>
                </dt>
                <dd>{fieldsOf(root).join(', ') || 'by itself'}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </dialog>
  )
}
