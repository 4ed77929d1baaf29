const exponentForm = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/

/** The decimal digits of a number, without an exponent: exactly those that JavaScript shows. */
export function plainDecimal(value: number): string {
  const text = String(value)
  const match = exponentForm.exec(text)
  if (!match) return text
  const [, sign, first, rest = '', exponent] = match as unknown as [string, string, string, string | undefined, string]
  const digits = first + rest
  const point = Number(exponent) + 1
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const whole = digits.slice(0, point).padEnd(point, '0')
  return digits.length > point ? `${sign}${whole}.${digits.slice(point)}` : `${sign}${whole}`
}

/** A decimal without what does not change its value: zeros at its end, a point that nothing follows, a minus of zero. */
export function trimmedDecimal(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return trimmed === '-0' ? '0' : trimmed
}

/** Whether JavaScript holds a decimal (without an exponent) as a number of the same value. */
export const isExactNumber = (text: string): boolean =>
  text.length < 16 || (Number.isFinite(Number(text)) && plainDecimal(Number(text)) === trimmedDecimal(text))
