/** What is at a figure's path (`targets.0.lag`) in a document; undefined if nothing does. */
export function figureAt(document: object, path: string): unknown {
  let here: unknown = document
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as Record<string, unknown>)[step]
  }
  return here
}
