/** A time span: `500ms`, `30s`, `5m`, `2h`, `3d`, or milliseconds. */
export type Span = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | number

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time span (`500ms`, `30s`, `5m`, `2h`, `3d`, or a number) in milliseconds; undefined if it cannot be read. */
export function milliseconds(span: string | number): number | undefined {
  if (typeof span === 'number') return Number.isFinite(span) && span > 0 ? span : undefined
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(span.trim())
  if (!match) return undefined
  const value = Number(match[1]) * units[match[2] as string]!
  return value > 0 ? value : undefined
}
