import { inThousands } from 'trifold/internal/operator/figures'
import type { GrowthComparison } from '../comparison.ts'

/** What is to be known beside the figures, each once: what does not hold at every size names the sizes at which it does. */
export function growthRemarks(sizes: GrowthComparison['sizes']): string[] {
  const said = new Map<string, number[]>()
  for (const { size, comparison } of sizes) {
    for (const remark of comparison.remarks) said.set(remark, [...(said.get(remark) ?? []), size])
  }
  return [...said].map(([remark, at]) =>
    at.length === sizes.length ? remark : `Size ${at.map(inThousands).join(' and ')}: ${remark}`,
  )
}
