/** An amount of bytes: `500MB`, `20GB`, or a number. */
export type ByteSize = `${number}${'KB' | 'MB' | 'GB' | 'TB'}` | number

const units: Record<string, number> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 }

/** An amount (`500MB`, powers of 1,024, or a number) in bytes; undefined if it cannot be read. */
export function bytesOf(size: string | number): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? size : undefined
  const match = /^(\d+(?:\.\d+)?)(KB|MB|GB|TB)$/.exec(size.trim())
  if (!match) return undefined
  const bytes = Math.round(Number(match[1]) * units[match[2] as string]!)
  return bytes > 0 ? bytes : undefined
}
