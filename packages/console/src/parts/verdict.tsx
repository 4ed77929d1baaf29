import type { TargetStatus } from 'trifold'

const lights = { green: '', yellow: 'late', red: 'bad' } as const

/** How a target is, as a light and in words. */
export const Verdict = ({ verdict, state }: { verdict: TargetStatus['verdict']; state: string }) => (
  <span class="judged">
    <span class={`light ${lights[verdict]}`} aria-hidden="true" />
    <span class={`verdict ${verdict}`}>{`${verdict}, ${state}`}</span>
  </span>
)
