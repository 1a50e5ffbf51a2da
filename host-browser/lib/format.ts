/** Numbers as people read them. */

/** 1234567 as 1,234,567. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

const TIMES: readonly [unit: string, ns: number][] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
]

/** A length of time, three significant digits or so. */
export function duration(ns: number): string {
  const [unit, size] = TIMES.find(([, each]) => Math.abs(ns) >= each) ?? ['ns', 1]
  const value = ns / size
  return `${value.toFixed(Math.abs(value) >= 100 || unit === 'ns' ? 0 : Math.abs(value) >= 10 ? 1 : 2)} ${unit}`
}

/** A point in time since the recording began, to the microsecond or, where `step` is finer, as fine as that. */
export function moment(ns: number, step = 1000): string {
  const digits = Math.max(0, Math.min(9, Math.ceil(9 - Math.log10(Math.max(step, 1)) - 1e-9)))
  return `${(ns / 1e9).toFixed(digits)} s`
}

/** Bytes in binary units. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [size, unit] = [value, 0]
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${units[unit]}`
}

/** A part of a whole. */
export const percent = (part: number): string => `${(part * 100).toFixed(part >= 0.1 || part === 0 ? 0 : 1)} %`

/** OP_SUBMIT as "op submit". */
export const words = (name: string | number | null | undefined): string =>
  String(name ?? '')
    .toLowerCase()
    .replaceAll('_', ' ')

/** A time that someone typed: "1.5s", "20 ms", plain seconds. NaN where it is none. */
export function parseTime(text: string): number {
  const match = /^\s*([\d.,_]+)\s*(ns|us|µs|ms|s)?\s*$/.exec(text)
  if (match === null) return Number.NaN
  const scale = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }[match[2] ?? 's'] ?? 1e9
  return Number((match[1] ?? '').replaceAll(/[,_]/g, '')) * scale
}
