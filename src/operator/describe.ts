import type { Observation, ObservationKind } from '../observe.ts'
import { inBytes, inSeconds, inThousands } from './figures.ts'

type Texts = { readonly [Kind in ObservationKind]: (observation: Observation<Kind>) => string }

const texts: Texts = {
  'worker.waiting': ({ error }) => `waits for the database: ${error.message}`,
  'worker.started': ({ targets, pid }) => `runs ${targets.join(', ')} (process ${pid})`,
  'worker.shares': ({ targets, of, workers }) =>
    `${counted(workers, 'worker')} ${workers === 1 ? 'runs' : 'share the targets'}; this one keeps ${targets.length} of ${of}: ${targets.join(', ') || 'none'}`,
  'worker.stopping': ({ reason }) => `${reason ?? 'asked to stop'}: finishing what is under way`,
  'worker.stopped': ({ ms }) => `stopped after ${inSeconds(ms)}`,
  'worker.stalled': () =>
    'every target has stopped; waiting until one is resumed (`trifold target resume`), rebuilt or mended',
  'worker.blocked': ({ ms }) =>
    `a handler blocked the event loop for ${inSeconds(ms)}, longer than the lease, so the process was ended`,
  'health.opened': ({ address }) => `${address} serves /metrics, /health and /ready`,
  'feed.opened': ({ window }) => `reads the outbox from window ${inThousands(window)}`,
  'feed.broken': ({ attempt, error }) => `${error.message} (attempt ${attempt}); trying again`,
  'era.began': ({ era, reason, from, to }) => `era ${era} began: ${eraReasons[reason]}${change(from, to)}`,
  'target.waiting': () => 'another worker keeps or rebuilds it; waiting',
  'target.leased': ({ ordinal, generation, epoch }) =>
    `consuming from event ${inThousands(ordinal + 1)} (generation ${generation}, epoch ${epoch})`,
  'target.retrying': ({ attempt, retryInMs, error }) =>
    `${error.message} (attempt ${attempt}); trying again in ${inSeconds(retryInMs)}`,
  'target.stopped': ({ error }) => `stopped: ${error.message}`,
  'target.detached': ({ since }) => `held: its read model has been detached since ${since}`,
  'target.attached': () => 'its read model is attached, and its definition was read again',
  'event.parked': ({ type, ordinal, keys, error }) =>
    `parked event ${inThousands(ordinal)} (${type}), ${keys === null ? 'whose keys are unknown' : `and recomputed ${counted(keys, 'key')}`}: ${error.message}`,
  'lease.lost': ({ epoch }) => `lost its lease of epoch ${epoch} to another worker`,
  'page.applied': ({ events, keys, ordinal, ms }) =>
    `applied ${counted(events, 'event')} to ${counted(keys, 'key')} in ${inSeconds(ms)}, up to event ${inThousands(ordinal)}`,
  'rebuild.started': ({ generation, reason }) => `building generation ${generation}, because ${reason}`,
  'rebuild.continued': ({ generation, reason, rows }) =>
    `continuing generation ${generation} with the ${counted(rows, 'row')} that an interrupted rebuild copied, because ${reason}`,
  'rebuild.at-one-snapshot': ({ rows, expectedMs }) =>
    `reading about ${counted(rows, 'row')} in one transaction, because the definition cannot be read key range by key range${expectedMs === undefined ? '' : `; the last rebuild took ${inSeconds(expectedMs)}`}`,
  'rebuild.progressed': ({ rows, total, rowsPerSecond, secondsLeft }) =>
    `built ${inThousands(rows)}${total ? shareOf(rows, total) : ''}${rowsPerSecond === undefined ? '' : `, ${inThousands(rowsPerSecond)} a second`}${secondsLeft === undefined ? '' : `, ${inSeconds(secondsLeft * 1_000)} left`}`,
  'rebuild.verifying': ({ rows, total }) =>
    `compared ${inThousands(rows)}${total === undefined ? '' : ` of about ${inThousands(total)}`} rows with the definition`,
  'rebuild.repaired': ({ generation, differences, examples }) =>
    `repaired ${counted(differences, 'row')} of generation ${generation} that differed from the definition, first ${examples[0]}`,
  'rebuild.verified': ({ generation, rows, ms }) =>
    `generation ${generation} is equal to its definition in ${counted(rows, 'row')}, compared in ${inSeconds(ms)}`,
  'rebuild.finished': ({ generation, ms }) => `generation ${generation} serves, built in ${inSeconds(ms)}`,
  'rebuild.kept': ({ generation, rows }) =>
    `cancelled: generation ${generation} keeps ${inThousands(rows)} rows, with which the next rebuild continues`,
  'generation.cold': ({ generation, error }) =>
    `generation ${generation} can serve no more, because it cannot follow: ${error.message}`,
  'rebuild.discarded': ({ generation, ms, error }) =>
    `discarded generation ${generation} after ${inSeconds(ms)}: ${error.message}`,
  'refresh.finished': ({ rows, ms }) =>
    `refreshed in ${inSeconds(ms)}${rows === undefined ? '' : `, ${inThousands(rows)} rows`}`,
  'refresh.skipped': () => 'another refresh of it is running, so this one was skipped',
  'refresh.failed': ({ error, retryInMs }) =>
    `its refresh failed: ${error.message}${retryInMs === undefined ? '' : `; trying again in ${inSeconds(retryInMs)}`}`,
  'verify.finished': ({ rows, ms }) => `${counted(rows, 'row')} compared in ${inSeconds(ms)}: equal to the definition`,
  'verify.differs': ({ differences, repaired, examples }) =>
    `${counted(differences, 'row')} ${differences === 1 ? 'differs' : 'differ'} from the definition, ${inThousands(repaired)} repaired: ${examples.join(', ')}`,
  'verify.failed': ({ error }) => `could not be verified: ${error.message}`,
  'schedule.removed': () => 'removed its schedule from the queue, because this process does not run it',
  'schedule.failed': ({ step, error }) => `${scheduleSteps[step]}: ${error.message}`,
  'queue.failed': ({ count, error }) => `${error.message}${count > 1 ? ` (${inThousands(count)} times)` : ''}`,
  'maintenance.failed': ({ error }) => error.message,
  'partition.closed': ({ partition }) => `${partition} is closed; the next event begins another partition`,
  'partition.dropped': ({ partition, bytes }) => `dropped ${partition} (${inBytes(bytes)})`,
  'target.cut-off': ({ reason }) => `${cutOffReasons[reason]}; a running worker rebuilds it`,
  'partition.due': ({ partition, reason, nextStep }) => `${partition} is due: ${reason}; ${nextStep}`,
}

const cutOffReasons = {
  cap: 'it keeps more events than the cap of the outbox allows, so it was cut off',
  abandoned: 'it is in no configuration and nobody has run it for as long as events are kept, so it was cut off',
}

const eraReasons = {
  timeline: 'the timeline changed, so indexes are rebuilt',
  cluster: 'the database moved to another cluster, so targets fed by events are rebuilt',
  database: 'the database was copied or restored, so targets fed by events are rebuilt',
  index: 'an index has seen a later history of the database',
  log: 'this worker has seen a later history of the database, so indexes are rebuilt',
  operator: 'an operator asked for it, so targets fed by events are rebuilt',
}

const scheduleSteps = {
  start: 'the schedule cannot begin',
  reconcile: 'could not compare the queue with trifold.schedules',
  close: 'could not close the queue',
}

const counted = (count: number, what: string): string => `${inThousands(count)} ${what}${count === 1 ? '' : 's'}`

const change = (from: string | undefined, to: string | undefined): string => (from && to ? ` (${from} to ${to})` : '')

const shareOf = (rows: number, total: number): string =>
  ` of ${inThousands(total)} (${Math.floor((100 * rows) / total)} %)`

/** What an observation is about: a target, or the part that says it. */
export const subjectOf = (observation: Observation): string =>
  'target' in observation ? observation.target : (observation.kind.split('.')[0] as string)

/** What happened to it, in plain English. */
export const textOf = <Kind extends ObservationKind>(observation: Observation<Kind>): string =>
  (texts[observation.kind] as (observation: Observation<Kind>) => string)(observation)

/** An observation as a line of a log: `order_summary@table: consuming from event 1 (generation 1, epoch 1)`. */
export const describeObservation = (observation: Observation): string =>
  `${subjectOf(observation)}: ${textOf(observation)}`
