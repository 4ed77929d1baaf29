// Days and years of the proleptic Gregorian calendar, as PostgreSQL counts them. Arithmetic: Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms".

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Whether there is such a day. @param year 0 is 1 BC */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= (month === 2 && isLeap(year) ? 29 : (daysOfMonth[month - 1] as number))
}

/** Days since 2000-01-01. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const century = Math.floor(shifted / 400)
  const yearOfCentury = shifted - century * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfCentury = yearOfCentury * 365 + Math.floor(yearOfCentury / 4) - Math.floor(yearOfCentury / 100) + dayOfYear
  return century * 146_097 + dayOfCentury - 730_425
}

/** The day of a number of days since 2000-01-01. `year` 0 is 1 BC. */
export function dayOf(number: number): { year: number; month: number; day: number } {
  const days = number + 730_425
  const century = Math.floor(days / 146_097)
  const rest = days - century * 146_097
  const leapDays = Math.floor(rest / 1460) - Math.floor(rest / 36_524) + Math.floor(rest / 146_096)
  const yearOfCentury = Math.floor((rest - leapDays) / 365)
  const dayOfYear = rest - (365 * yearOfCentury + Math.floor(yearOfCentury / 4) - Math.floor(yearOfCentury / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted + (shifted < 10 ? 3 : -9)
  const year = yearOfCentury + century * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 }
}
