import { instantText, numberText } from '@trifold/pages'
import type { ParkedEvent } from 'trifold'
import { FactList } from '../parts/fact-list.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import { ParkedAct, suspectText } from '../parts/parked.tsx'
import type { Viewer } from '../parts/viewer.ts'

/** A parked event with its payload. */
export function ParkedPage({ viewer, event }: { viewer: Viewer; event: ParkedEvent }) {
  const facts = {
    Target: event.target,
    Aggregate: event.aggregate,
    Event: `${numberText(event.ordinal)}, position ${numberText(event.position)}`,
    Appended: instantText(event.appendedAt, viewer.timeZone),
    Parked: instantText(event.parkedAt, viewer.timeZone),
    Code: event.code,
    'Suspect keys': suspectText(event),
  }
  return (
    <ConsolePage viewer={viewer} title={`Parked ${event.type}`}>
      <div class="over">
        <h1>{event.type}</h1>
        <ParkedAct viewer={viewer} event={event} />
      </div>
      <p class="summary bad">{event.message}</p>
      <FactList facts={Object.entries(facts)} />
      <section>
        <h2>Payload</h2>
        <pre class="payload">{event.payload}</pre>
      </section>
    </ConsolePage>
  )
}
