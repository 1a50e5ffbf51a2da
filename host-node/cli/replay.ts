/**
 * `flexnpu replay`: decides everything again in V8 and compares. Exit code 0: no difference; 1: differences; 2: the
 * recording cannot be read, or not to its end.
 */
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { Core } from '../core/core.ts'
import { describeDamage } from '../log/errors.ts'
import { shownLine, type ShownRecord } from '../log/shown.ts'
import { replay, type Difference, type ReplayResult } from '../replay/replay.ts'
import { coreWasm } from './artefacts.ts'
import { EXIT_BAD_INPUT } from './errors.ts'

const EXIT_DIFFERENCES = 1

export function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('replay a recording and compare every decision')
    .description(
      'Replay a recording in V8 and compare every decision, hash and snapshot with it.\n' +
        'Exit code 0: no difference; 1: differences; 2: the recording is unreadable or torn (the good part is replayed).',
    )
    .argument('<file>', 'recording (.flexlog)')
    .option('--json', 'print {events, decisions, differences, state_hash, first_difference, core_match, torn, ...}')
    .action((file: string, options: { json?: boolean }) => {
      const core = new Core(coreWasm())
      const progress = progressBar()
      let result: ReplayResult
      try {
        result = replay(file, core, progress.update)
      } finally {
        progress.stop()
      }
      process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : text(file, result))
      if (!result.core_match) {
        const { recorded, replayed } = result.core
        process.stderr.write(`flexnpu: ${file}: recorded by core ${recorded}, replayed by core ${replayed}\n`)
      }
      if (result.torn) process.stderr.write(`flexnpu: ${describeDamage(file, result.torn)}\n`)
      process.exitCode = result.differences > 0 ? EXIT_DIFFERENCES : result.torn ? EXIT_BAD_INPUT : 0
    })
}

/** A bar on a terminal, silence elsewhere. */
function progressBar(): { update: (bytes: number, of: number) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({ format: 'replay {bar} {percentage}%', clearOnComplete: true, stream: process.stderr })
  let last = -1
  return {
    update(bytes, of) {
      const percent = Math.floor((bytes / of) * 100)
      if (percent === last) return
      if (last < 0) bar.start(100, percent)
      else bar.update(percent)
      last = percent
      // Replay runs without a pause, so the bar's own timer never fires.
      bar.render()
    },
    stop: () => bar.stop(),
  }
}

function text(file: string, result: ReplayResult): string {
  const compared = `${result.hashes_checked} hashes and ${result.snapshots_checked} snapshots compared too`
  const lines = [
    `${file}: ${result.events} events, ${result.decisions} decisions, ${result.differences} differences`,
    `state hash ${result.state_hash}, decision hash ${result.decision_hash}; ${compared}`,
  ]
  if (result.unverified > 0)
    lines.push(`${result.unverified} decisions of the torn end have no counterpart to compare with`)
  if (result.first_difference) lines.push(...differenceLines(result.first_difference))
  return lines.map((line) => `${line}\n`).join('')
}

const sideText = (side: ShownRecord | string | null): string =>
  side === null ? '(none)' : typeof side === 'string' ? side : shownLine(side)

function differenceLines(difference: Difference): string[] {
  const place = [
    ...(difference.decision === undefined ? [] : [`decision ${difference.decision}`]),
    ...(difference.event === undefined ? [] : [`event ${difference.event}`]),
  ]
  return [
    `first difference: ${difference.what} (${place.join(', ')})`,
    ...(difference.cause === undefined ? [] : [`  event     ${shownLine(difference.cause)}`]),
    `  recorded  ${sideText(difference.recorded)}`,
    `  replayed  ${sideText(difference.replayed)}`,
  ]
}
