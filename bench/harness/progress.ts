/** Progress on standard error: a bar on a terminal, a line a step elsewhere, so that a log stays readable. */
import { SingleBar } from 'cli-progress'

/** Steps of known number. */
export interface Progress {
  /** Says what begins now. */
  step(label: string): void
  done(): void
}

/** Progress of a benchmark with so many steps. */
export function progress(name: string, steps: number): Progress {
  if (!process.stderr.isTTY) {
    let step = 0
    return {
      step: (label) => process.stderr.write(`bench ${name}: ${++step}/${steps} ${label}\n`),
      done: () => {},
    }
  }
  const bar = new SingleBar({
    format: `bench ${name} {bar} {value}/{total} {label}`,
    clearOnComplete: true,
    stream: process.stderr,
  })
  bar.start(steps, 0, { label: '' })
  return {
    step(label) {
      bar.increment(1, { label })
      // Rounds run without a pause, so the bar's own timer never fires.
      bar.render()
    },
    done: () => bar.stop(),
  }
}
