/** Sizes as people write them, exactly: "16GiB" is 16 × 2^30 bytes, "16GB" is 16 × 10^9, and "1.5KiB" is 1536. */

const powers: Record<string, number> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

/** The bytes of a size; undefined where it is none, or no whole number of bytes from 1 to 2^53 - 1. */
export function parseBytes(text: string): number | undefined {
  const parts = /^([0-9]+)(?:\.([0-9]+))? ?(?:([KMGT])(i?))?B$/.exec(text)
  if (parts === null) return undefined
  const [, whole = '', fraction = '', unit = '', binary = ''] = parts
  if (whole.length + fraction.length > 40) return undefined
  const base = (binary === '' ? 1000n : 1024n) ** BigInt(powers[unit] ?? 0)
  const [scaled, scale] = [BigInt(whole + fraction) * base, 10n ** BigInt(fraction.length)]
  const bytes = scaled / scale
  if (scaled % scale !== 0n || bytes < 1n || bytes > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  return Number(bytes)
}

/** Bytes for people: three digits and a binary unit. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let at = 0
  let value = bytes
  for (; value >= 1024 && at < units.length - 1; at++) value /= 1024
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`
}
