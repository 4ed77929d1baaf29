import { momentText } from '@trifold/pages'
import type { AuditEntry } from 'trifold'
import { TableHead } from './table-head.tsx'
import type { Viewer } from './viewer.ts'

/** What operators did, the newest first. */
export function AuditTable({ viewer, entries }: { viewer: Viewer; entries: readonly AuditEntry[] }) {
  if (entries.length === 0) return <p class="soft">Nobody has done anything here yet.</p>
  return (
    <table class="cards">
      <TableHead columns={['At', 'Who', 'What', 'Outcome']} />
      <tbody>
        {entries.map((entry) => (
          <AuditRow entry={entry} timeZone={viewer.timeZone} />
        ))}
      </tbody>
    </table>
  )
}

const AuditRow = ({
  entry: { at, actor, action, subject, outcome, detail },
  timeZone,
}: {
  entry: AuditEntry
  timeZone: string
}) => (
  <tr>
    <td data-label="At">
      <time dateTime={at}>{momentText(at, timeZone)}</time>
    </td>
    <td data-label="Who">{actor}</td>
    <td data-label="What">
      {action} {subject}
    </td>
    <td data-label="Outcome" class={outcome === 'failed' ? 'long bad' : 'long'}>
      {outcome === undefined ? 'no outcome yet' : `${outcome}: ${detail}`}
    </td>
  </tr>
)
