/** Nothing is open yet, or it could not be opened. */
import * as app from '../state/app.ts'
import { pickFile } from '../state/actions.ts'

export function Welcome() {
  return (
    <main class="welcome">
      {app.stage.value === 'failed' && (
        <div class="notice notice-bad" role="alert">
          <strong>This cannot be opened.</strong>
          <p>{app.failure.value}</p>
        </div>
      )}
      <h2>Why did this operator run then, and there?</h2>
      <p>
        Drop a recording here. It is decided again by the same core that decided it first, and every decision is
        compared with the recorded one; nothing leaves this page.
      </p>
      <p>
        <button type="button" class="button button-main" onClick={pickFile}>
          Open a recording
        </button>
      </p>
      <dl class="welcome-how">
        <dt>
          <code>flexnpu run --record FILE -- PROGRAM</code>
        </dt>
        <dd>records what the interposer decides</dd>
        <dt>
          <code>flexnpu debug FILE</code>
        </dt>
        <dd>opens it here</dd>
        <dt>
          <code>flexnpu debug --attach</code>
        </dt>
        <dd>shows a daemon at work</dd>
      </dl>
    </main>
  )
}
