import { instantText, momentText } from '@trifold/pages'
import type { Night, NightFinding, TargetNight } from 'trifold'
import { ConsolePage } from '../parts/layout.tsx'
import { Verdict } from '../parts/verdict.tsx'
import { targetPath, type Viewer } from '../parts/viewer.ts'

/** What the verdict of a finding is called. */
const names: Readonly<Record<NightFinding['kind'], string>> = {
  missed: 'Missed',
  late: 'Late',
  failed: 'Failed',
  slow: 'Slower than usual',
}

/** What happened while nobody looked. */
export const NightPage = ({ viewer, night }: { viewer: Viewer; night: Night }) => (
  <ConsolePage viewer={viewer} title="Night" page="/night" seconds={60}>
    <h1>Since yesterday evening</h1>
    <p class="summary">
      <b>{night.ok ? 'All was well' : 'There is something to look at'}</b>{' '}
      <span class="soft">
        {`${instantText(night.since, viewer.timeZone)} to ${momentText(night.until, viewer.timeZone)}`}
      </span>{' '}
      <a class="more" href={`${viewer.home}/night.txt?${new URLSearchParams({ 'time-zone': viewer.timeZone })}`}>
        as text
      </a>
    </p>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Target</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {night.targets.map((target) => (
          <Row viewer={viewer} target={target} />
        ))}
      </tbody>
    </table>
  </ConsolePage>
)

const Row = ({ viewer, target }: { viewer: Viewer; target: TargetNight }) => (
  <tr>
    <th scope="row">
      <a href={targetPath(viewer, target.target)} class="more">
        {target.target}
      </a>{' '}
      <Verdict verdict={target.verdict} state="now" />
    </th>
    <td class="long">
      {target.verdict !== 'green' && <p>{target.reason}</p>}
      {target.findings.length === 0 && target.verdict === 'green' && <span class="soft">all was well</span>}
      <ul>
        {target.findings.map(({ kind, text, at }) => (
          <li>
            <b class={kind === 'failed' || kind === 'missed' ? 'bad' : 'tight'}>{names[kind]}</b> {text}
            {at && <span class="soft">{` (${momentText(at, viewer.timeZone)})`}</span>}
          </li>
        ))}
      </ul>
    </td>
  </tr>
)
