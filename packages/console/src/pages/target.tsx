import { instantText, momentText, numberText, spanText } from '@trifold/pages'
import { Act } from '../parts/act.tsx'
import { FactList } from '../parts/fact-list.tsx'
import { Facts } from '../parts/facts.tsx'
import { Growth } from '../parts/growth.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import { PastCharts } from '../parts/past-charts.tsx'
import { PriceNotes, priceFacts } from '../parts/price.tsx'
import { TableHead } from '../parts/table-head.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { targetPath, type Viewer } from '../parts/viewer.ts'
import { type BlockerKind, type FailureKind, periods, type TargetSeen } from '../reading/target.ts'

/** One target: how it is, and how it went in a period. */
export function TargetPage({ viewer, seen }: { viewer: Viewer; seen: TargetSeen }) {
  const { status, period, at } = seen
  const path = targetPath(viewer, status.target)
  return (
    <ConsolePage viewer={viewer} title={status.target}>
      <div class="over">
        <h1>{status.target}</h1>
        <Act viewer={viewer} target={status} to={`${path}?since=${period}`} />
      </div>
      <p class="summary">
        <Verdict {...status} /> {status.reason} <span class="soft">as of</span>{' '}
        <time dateTime={at}>{momentText(at, viewer.timeZone)}</time>
      </p>
      <Facts seen={seen} timeZone={viewer.timeZone} />
      <nav class="tabs periods" aria-label="Period">
        {periods.map((one) => (
          <a href={`${path}?since=${one}`} aria-current={one === period ? 'true' : undefined}>
            {one}
          </a>
        ))}
      </nav>
      <div class="charts">
        <PastCharts seen={seen} timeZone={viewer.timeZone} />
      </div>
      <Schedule viewer={viewer} seen={seen} />
      <Failures failures={seen.failures} timeZone={viewer.timeZone} />
      <Blockers blockers={seen.blockers} timeZone={viewer.timeZone} />
    </ConsolePage>
  )
}

function Schedule({ viewer, seen: { status, price, at } }: { viewer: Viewer; seen: TargetSeen }) {
  if (!price || !status.schedule) return null
  return (
    <section>
      <h2>What its schedule costs, and for how long it fits</h2>
      <FactList facts={priceFacts(price)} />
      <Growth price={price} timing={status.schedule.timing} now={Date.parse(at)} />
      <PriceNotes price={price} />
      <a class="more" href={`${targetPath(viewer, status.target)}/tune`}>
        Price another schedule
      </a>
    </section>
  )
}

const Failures = ({ failures, timeZone }: { failures: readonly FailureKind[]; timeZone: string }) => (
  <section>
    <h2>Failures by code</h2>
    {failures.length === 0 ? (
      <p class="soft">None in this time.</p>
    ) : (
      <table class="cards">
        <TableHead columns={['SQLSTATE, code', 'Times', 'Last', 'Message']} />
        <tbody>
          {failures.map(({ code, count, lastAt, message }) => (
            <tr>
              <td data-label="Code">
                <code>{code}</code>
              </td>
              <td data-label="Times">{numberText(count)}</td>
              <td data-label="Last">{instantText(lastAt, timeZone)}</td>
              <td data-label="Message" class="long">
                {message}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)

const Blockers = ({ blockers, timeZone }: { blockers: readonly BlockerKind[]; timeZone: string }) => (
  <section>
    <h2>Who held the locks that it waited for</h2>
    {blockers.length === 0 ? (
      <p class="soft">Nobody in this time.</p>
    ) : (
      <table class="cards">
        <TableHead columns={['Application', 'Waited', 'Last', 'Query']} />
        <tbody>
          {blockers.map(({ application, query, count, waited, lastAt }) => (
            <tr>
              <td data-label="Application" class="long">
                {application}
              </td>
              <td data-label="Waited">{`${spanText(waited)} in ${count} ${count === 1 ? 'run' : 'runs'}`}</td>
              <td data-label="Last">{instantText(lastAt, timeZone)}</td>
              <td data-label="Query">
                <code>{query ?? 'not to be seen'}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)
