import { instantText } from '@trifold/pages'
import type { ChangedSchedule } from 'trifold'
import { Growth } from '../parts/growth.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import { PriceNotes, priceFacts } from '../parts/price.tsx'
import { timingText } from '../parts/timing.ts'
import { targetPath, type Viewer } from '../parts/viewer.ts'
import type { TuneForm, TuneSeen } from '../reading/tune.ts'

const labels: Readonly<Record<TuneForm['by'], string>> = { lag: 'a target lag of', every: 'every', cron: 'a pattern' }

/** What a schedule costs, and what another one would. */
export function TunePage({ viewer, seen }: { viewer: Viewer; seen: TuneSeen }) {
  const { target, standing, wanted, form, fault } = seen
  const { timing, price } = wanted ?? standing
  return (
    <ConsolePage viewer={viewer} title={`Schedule of ${target}`} isStill>
      <h1>
        Schedule of{' '}
        <a class="more" href={targetPath(viewer, target)}>
          {target}
        </a>
      </h1>
      <Form action={`${targetPath(viewer, target)}/tune`} form={form} />
      {fault !== undefined && (
        <p class="bad" role="alert">
          {fault}
        </p>
      )}
      <Prices standing={standing} wanted={wanted} timeZone={viewer.timeZone} />
      {wanted?.warning && <p class="tight">{wanted.warning}</p>}
      {price && timing && <Growth price={price} timing={timing} now={seen.at} />}
      {price && <PriceNotes price={price} />}
      {wanted && form && viewer.canAct && <Apply action={`${targetPath(viewer, target)}/tune`} form={form} />}
    </ConsolePage>
  )
}

const Form = ({ action, form }: { action: string; form: TuneForm | undefined }) => (
  <form method="get" action={action} class="tune">
    <label>
      Refresh it by{' '}
      <select name="by">
        {Object.entries(labels).map(([by, label]) => (
          <option value={by} selected={by === form?.by}>
            {label}
          </option>
        ))}
      </select>
    </label>
    <label>
      <span class="unseen">Length or pattern</span>
      <input name="value" value={form?.value} placeholder="5m, 30s, 0 3 * * *" maxlength={100} required />
    </label>
    <label>
      Zone of a pattern <input name="time-zone" value={form?.timeZone} placeholder="UTC" maxlength={60} />
    </label>
    <button type="submit" class="button">
      Price it
    </button>
  </form>
)

const Apply = ({ action, form }: { action: string; form: TuneForm }) => (
  <form method="post" action={action}>
    <input type="hidden" name="by" value={form.by} />
    <input type="hidden" name="value" value={form.value} />
    <input type="hidden" name="time-zone" value={form.timeZone} />
    <button type="submit" class="button">
      Set this schedule
    </button>
  </form>
)

interface PricesProps {
  standing: ChangedSchedule
  wanted: ChangedSchedule | undefined
  timeZone: string
}

function Prices({ standing, wanted, timeZone }: PricesProps) {
  const shown = [standing, ...(wanted ? [wanted] : [])]
  const facts = shown.map((entry) => factsOf(entry, timeZone))
  return (
    <table class="cards prices">
      <thead>
        <tr>
          <td />
          <th scope="col">Now</th>
          {wanted && <th scope="col">Then</th>}
        </tr>
      </thead>
      <tbody>
        {facts[0]?.map(([name], place) => (
          <tr>
            <th scope="row">{name}</th>
            {facts.map((one, column) => (
              <td data-label={column === 0 ? 'Now' : 'Then'}>{one[place]?.[1]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function factsOf({ timing, due, price, paused }: ChangedSchedule, timeZone: string): [name: string, value: string][] {
  const schedule = timing ? `${timingText(timing)}${paused ? ', paused' : ''}` : 'none'
  const times = due.map((at) => instantText(at.toISOString(), timeZone)).join(', ') || 'at no fixed time'
  const facts = price ? priceFacts(price) : []
  return [['Schedule', schedule], ['Next runs', times], ...facts]
}
