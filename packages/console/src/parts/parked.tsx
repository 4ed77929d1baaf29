import { momentText, numberText } from '@trifold/pages'
import type { ParkedEvent } from 'trifold'
import { parkedActions } from '../actions/parked.ts'
import { TableHead } from './table-head.tsx'
import type { Viewer } from './viewer.ts'

/** Most that a page shows. */
const shown = 200

/** The address of a parked event. */
const parkedPath = ({ home }: Viewer, id: string): string => `${home}/parked/${id}`

/** Events that targets went past without their handler, the newest first. */
export function ParkedTable({ viewer, parked }: { viewer: Viewer; parked: readonly ParkedEvent[] }) {
  if (parked.length === 0) return <p class="soft">No event is parked.</p>
  return (
    <>
      {parked.length > shown && <p class="soft">{`The newest ${shown}; \`trifold parked list\` has all.`}</p>}
      <table class="cards">
        <TableHead columns={['Event', 'Target', 'At', 'Why', 'Suspect keys']} acts={viewer.canAct} />
        <tbody>
          {parked.slice(0, shown).map((event) => (
            <tr>
              <th scope="row">
                <a href={parkedPath(viewer, event.id)} class="more">{`${event.type} ${numberText(event.ordinal)}`}</a>{' '}
                <span class="soft">{event.aggregate}</span>
              </th>
              <td data-label="Target">{event.target}</td>
              <td data-label="At">{momentText(event.parkedAt, viewer.timeZone)}</td>
              <td data-label="Why" class="long">
                <code>{event.code}</code> {event.message}
              </td>
              <td data-label="Suspect" class="long">
                {suspectText(event)}
              </td>
              {viewer.canAct && (
                <td>
                  <ParkedAct viewer={viewer} event={event} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

/** The keys whose rows may lack it. */
export function suspectText({ suspectKeys, keysUnknown }: ParkedEvent): string {
  if (keysUnknown) return 'every key, until it is rebuilt'
  return suspectKeys.length === 0 ? 'none any more' : suspectKeys.join(', ')
}

/** What the viewer can do to a parked event. */
export const ParkedAct = ({ viewer, event }: { viewer: Viewer; event: ParkedEvent }) =>
  viewer.canAct ? (
    <details class="menu act">
      <summary aria-label={`Act on event ${event.ordinal} of ${event.target}`}>Act</summary>
      <form method="post" class="sheet">
        <input type="hidden" name="to" value={`${viewer.home}/feed`} />
        {Object.entries(parkedActions).map(([name, { label, hint }]) => (
          <button type="submit" formaction={`${parkedPath(viewer, event.id)}/${name}`}>
            <b>{label}</b> <span class="soft">{hint}</span>
          </button>
        ))}
      </form>
    </details>
  ) : null
