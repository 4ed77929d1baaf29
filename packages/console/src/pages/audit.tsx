import type { AuditEntry } from 'trifold'
import { AuditTable } from '../parts/audit-table.tsx'
import { ConsolePage } from '../parts/layout.tsx'
import type { Viewer } from '../parts/viewer.ts'

/** What operators did. */
export const AuditPage = ({ viewer, entries }: { viewer: Viewer; entries: readonly AuditEntry[] }) => (
  <ConsolePage viewer={viewer} title="Audit" page="/audit">
    <h1>What operators did</h1>
    <AuditTable viewer={viewer} entries={entries} />
  </ConsolePage>
)
