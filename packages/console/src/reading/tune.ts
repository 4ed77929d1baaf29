import type { Admin, ChangedSchedule, SchedulePrice, TimingInput } from 'trifold'
import { isTrifoldError, TrifoldError } from 'trifold/internal/errors'

const kinds = ['lag', 'every', 'cron'] as const

/** What the form of a schedule holds. */
export interface TuneForm {
  by: (typeof kinds)[number]
  value: string
  timeZone: string
}

/** What the page of a schedule shows. */
export interface TuneSeen {
  target: string
  /** Milliseconds since 1970. */
  at: number
  /** The schedule as it is, with its price. */
  standing: ChangedSchedule
  /** What the form asks about; undefined if it is empty. */
  form: TuneForm | undefined
  /** The schedule as it would be; undefined if nothing is asked. */
  wanted: ChangedSchedule | undefined
  /** Why it cannot be. */
  fault: string | undefined
}

/** The fields of the form. @throws SCHEDULE_INVALID */
export function tuneForm(fields: URLSearchParams): TuneForm | undefined {
  const [by, value = '', timeZone = ''] = ['by', 'value', 'time-zone'].map((name) => fields.get(name)?.trim())
  if (value === '') return undefined
  const known = kinds.find((kind) => kind === by)
  if (known) return { by: known, value, timeZone }
  throw new TrifoldError('SCHEDULE_INVALID', `schedule: a schedule goes by ${kinds.join(', ')}`)
}

/** The same as the operation takes it. */
export const timingOf = ({ by, value, timeZone }: TuneForm): TimingInput => ({
  [by]: value,
  ...(by === 'cron' && timeZone !== '' && { timeZone }),
})

/** A schedule with its price, and with that of another one. Changes nothing. @throws SCHEDULE_INVALID if it has none */
export async function readTune(admin: Admin, target: string, form: TuneForm | undefined): Promise<TuneSeen> {
  const dry = { dryRun: true }
  const standing = await admin.tuneSchedule(target, {}, dry)
  const seen = { target, at: Date.now(), standing, form, wanted: undefined, fault: undefined }
  if (!form) return seen
  try {
    return { ...seen, wanted: await admin.tuneSchedule(target, timingOf(form), dry) }
  } catch (error) {
    if (!isTrifoldError(error, 'SCHEDULE_INVALID')) throw error
    return { ...seen, fault: error.message.replace(/^\w+: /, '') }
  }
}

/** The price of the schedule that a view has; undefined if it has none, or one that cannot be read, as its status says. */
export const readPrice = async (
  admin: Admin,
  target: string,
  hasSchedule: boolean,
): Promise<SchedulePrice | undefined> => (hasSchedule ? admin.priceSchedule(target).catch(() => undefined) : undefined)
