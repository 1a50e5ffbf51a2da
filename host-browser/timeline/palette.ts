/**
 * Colours of the timeline, after Okabe and Ito: told apart with every kind of colour blindness, and by lightness too.
 * Each phase also keeps its place (decode below, prefill above), so that colour is never all there is.
 */

export interface Palette {
  background: string
  /** Every other row. */
  band: string
  grid: string
  text: string
  faint: string
  /** By phase: unknown, prefill, decode, mixed. */
  phases: readonly [string, string, string, string]
  credit: readonly [string, string, string, string, string]
  wait: string
  dispatch: string
  hold: string
  change: string
  fault: string
  other: string
  playhead: string
  selection: string
}

const phases = ['#8a93a0', '#e08a00', '#2f7fc1', '#b6679a'] as const
const darkPhases = ['#8d97a6', '#f0a336', '#5aaeea', '#d58fbb'] as const

const pale = (colour: string, alpha: string): string => `${colour}${alpha}`

export const palettes: Record<'light' | 'dark', Palette> = {
  light: {
    background: '#ffffff',
    band: '#f7f8fa',
    grid: '#e4e7ec',
    text: '#1d2430',
    faint: '#5d6675',
    phases,
    credit: [
      pale(phases[0], '55'),
      pale(phases[1], '55'),
      pale(phases[2], '55'),
      pale(phases[3], '55'),
      pale(phases[0], '40'),
    ],
    wait: '#c1440e',
    dispatch: '#7c8aa0',
    hold: '#c1440e',
    change: '#008a6e',
    fault: '#7a0f2b',
    other: '#b9c0cb',
    playhead: '#1d2430',
    selection: 'rgba(47, 127, 193, 0.14)',
  },
  dark: {
    background: '#12161d',
    band: '#161b23',
    grid: '#262d38',
    text: '#e6e9ee',
    faint: '#98a2b1',
    phases: darkPhases,
    credit: [
      pale(darkPhases[0], '55'),
      pale(darkPhases[1], '55'),
      pale(darkPhases[2], '55'),
      pale(darkPhases[3], '55'),
      pale(darkPhases[0], '40'),
    ],
    wait: '#ff7a45',
    dispatch: '#76849a',
    hold: '#ff7a45',
    change: '#2bc4a0',
    fault: '#ff5d7d',
    other: '#46505f',
    playhead: '#ffffff',
    selection: 'rgba(90, 174, 234, 0.18)',
  },
}
