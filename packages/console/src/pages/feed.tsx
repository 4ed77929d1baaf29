import { momentText, numberText, spanText } from '@trifold/pages'
import type { OutboxFacts, Status, TargetStatus } from 'trifold'
import { inBytes } from 'trifold/internal/operator/figures'
import { FactList } from '../parts/fact-list.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import { ParkedTable } from '../parts/parked.tsx'
import { TableHead } from '../parts/table-head.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { targetPath, type Viewer } from '../parts/viewer.ts'
import type { Feed } from '../reading/sight.ts'

/** What goes from the outbox to the targets, and what is held up. */
export const FeedPage = ({ viewer, feed: { status, parked, outbox } }: { viewer: Viewer; feed: Feed }) => (
  <ConsolePage viewer={viewer} title="Feed" page="/feed">
    <h1 class="unseen">Feed</h1>
    <Head feed={status.feed} outbox={outbox} timeZone={viewer.timeZone} />
    <section>
      <h2>Consumers</h2>
      <Consumers viewer={viewer} status={status} />
    </section>
    <section>
      <h2>{`Parked events (${numberText(parked.length)})`}</h2>
      <ParkedTable viewer={viewer} parked={parked} />
    </section>
  </ConsolePage>
)

function Head({ feed, outbox, timeZone }: { feed: Status['feed']; outbox: OutboxFacts; timeZone: string }) {
  const { held } = outbox
  const facts: [name: string, value: string][] = [
    ['Head', `window ${numberText(feed.lastWindow)} at ${momentText(feed.lastWindowAt, timeZone)}, era ${feed.era}`],
    ['In no window yet', feed.waiting === 0 ? 'no event' : `${numberText(feed.waiting)} events`],
    ['Last event', `position ${numberText(outbox.lastPosition)}`],
    ['Outbox', `${inBytes(outbox.bytes)} in ${outbox.partitions} partitions`],
    ['Goes back', outbox.oldest === undefined ? 'it is empty' : spanText(outbox.oldest)],
    ['Held by', heldText(held)],
  ]
  return <FactList facts={facts} />
}

const heldText = ({ partitions, bytes, by }: OutboxFacts['held']): string =>
  partitions === 0 ? 'nobody' : `${by.join(', ')}: ${inBytes(bytes)} that could be dropped`

function Consumers({ viewer, status }: { viewer: Viewer; status: Status }) {
  const consumers = status.targets.filter(({ consumer }) => consumer)
  if (consumers.length === 0) return <p class="soft">No target is fed by events.</p>
  return (
    <table class="cards">
      <TableHead columns={['Target', 'Window', 'Waiting', 'Lag', 'Applied', 'Worker']} />
      <tbody>
        {consumers.map((target) => (
          <ConsumerRow viewer={viewer} target={target} head={status.feed.lastWindow} />
        ))}
      </tbody>
    </table>
  )
}

function ConsumerRow({ viewer, target, head }: { viewer: Viewer; target: TargetStatus; head: number }) {
  const { consumer, eventsWaiting, lag } = target
  if (!consumer) return null
  const { window, held, owner, appliedAt } = consumer
  return (
    <tr>
      <th scope="row">
        <a href={targetPath(viewer, target.target)} class="more">
          {target.target}
        </a>{' '}
        <Verdict {...target} />
      </th>
      <td data-label="Window">
        {numberText(window)} {window < head && <span class="soft">{`${numberText(head - window)} behind`}</span>}
      </td>
      <td data-label="Waiting">{eventsWaiting === undefined ? '–' : `${numberText(eventsWaiting)} events`}</td>
      <td data-label="Lag">{lag === undefined ? '–' : spanText(lag)}</td>
      <td data-label="Applied">{appliedAt ? momentText(appliedAt, viewer.timeZone) : 'nothing yet'}</td>
      <td data-label="Worker">{held ? owner : <b class="bad">nobody</b>}</td>
    </tr>
  )
}
