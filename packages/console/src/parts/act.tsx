import type { TargetStatus } from 'trifold'
import { targetActions } from '../actions/targets.ts'
import { targetPath, type Viewer } from './viewer.ts'

/** What the viewer can do to a target now. */
export function Act({ viewer, target, to }: { viewer: Viewer; target: TargetStatus; to: string }) {
  if (!viewer.canAct) return null
  const offered = Object.entries(targetActions).filter(([, { isOffered }]) => isOffered(target))
  return (
    <details class="menu act">
      <summary aria-label={`Act on ${target.target}`}>Act</summary>
      <form method="post" class="sheet">
        <input type="hidden" name="to" value={to} />
        {offered.map(([name, { label, hint }]) => (
          <button type="submit" formaction={`${targetPath(viewer, target.target)}/${name}`}>
            <b>{label}</b> <span class="soft">{hint}</span>
          </button>
        ))}
      </form>
    </details>
  )
}
