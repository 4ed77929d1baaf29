/** Milliseconds for people: `4 ms`, `1.2 s`, `3 min`, `2.5 h`. */
export function inSeconds(milliseconds: number): string {
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(1))} ms`
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 120_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`
  if (milliseconds < 7_200_000) return `${Math.round(milliseconds / 60_000)} min`
  return `${Number((milliseconds / 3_600_000).toFixed(1))} h`
}

/** Bytes for people: `8 kB`, `1.4 MB`. */
export function inBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value < 10 && unit > 1 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** Whole numbers with thousands apart: `12,345`. */
export const inThousands = (count: number): string => Math.round(count).toLocaleString('en')
