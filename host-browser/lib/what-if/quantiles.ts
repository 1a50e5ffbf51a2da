/** Medians and their like, of numbers in any order. */

/** The value below which `part` of all lie; NaN of none. */
export function quantile(values: number[], part: number): number {
  if (values.length === 0) return NaN
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!
}

export const median = (values: number[]): number => quantile(values, 0.5)

/** The most frequent value, the greater of equally frequent ones; 0 of none. */
export function mode(values: number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let [best, most] = [0, 0]
  for (const [value, count] of counts)
    if (count > most || (count === most && value > best)) [best, most] = [value, count]
  return best
}
