import { html, type Markup } from './markup.ts'

/** The names under which parts of the page can be linked to, by the path of the figure that they show. */
export function placesIn(page: Markup): Set<string> {
  return new Set([...page.html.matchAll(/ id="at-([^"]+)"/g)].map(([, path]) => path as string))
}

/** A link to where the page shows a figure, or to the raw document if only that has it. */
export function linkTo(path: string, places: ReadonlySet<string>): Markup {
  const steps = path.split('.')
  while (steps.length > 0 && !places.has(steps.join('.'))) steps.pop()
  const place = steps.length > 0 ? `at-${steps.join('.')}` : 'document'
  return html`<a class="source" href="#${place}">${path}</a>`
}
