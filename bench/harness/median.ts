/** Statistics of the benchmarks: medians of rounds, because one round that the machine disturbed must not show. */

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** To two places, as results are printed. */
export const rounded = (value: number): number => Math.round(value * 100) / 100
