/**
 * The known name that the caller may have meant: one that differs by case, or by few letters too many, too few, wrong or
 * changed with their neighbours.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = name.slice(0, longest).toLowerCase()
  const most = Math.max(1, Math.floor(asked.length / 3))
  const ranked = known
    .map((one) => ({ one, edits: distance(asked, one.toLowerCase()) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.one
}

/**
 * The end of a refusal of a name: the known ones, behind the one that may have been meant.
 *
 * @param are what is said of the known ones: `it takes`
 */
export function insteadOf(name: string, known: readonly string[], are: string, meant = nearest(name, known)): string {
  const list = `${are} ${known.join(', ')}`
  return meant === undefined ? list : `did you mean \`${meant}\`? ${list.charAt(0).toUpperCase()}${list.slice(1)}`
}

const longest = 64

/** Edits between two texts, by optimal string alignment: insertions, deletions, substitutions and transpositions of neighbours. */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, place) => place)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (last[j - 1] as number) + Number(a[i - 1] !== b[j - 1])
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] as number) + 1 : substituted
      row.push(Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, substituted, swapped))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}
