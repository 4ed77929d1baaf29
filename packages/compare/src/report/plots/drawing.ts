import type * as PlotModule from '@observablehq/plot'
import { Markup } from '../markup.ts'

export type Plot = typeof PlotModule

/** What draws: Observable Plot on a document that needs no browser. Both are loaded only when a report is written. */
export interface Drawing {
  plot: Plot
  draw(description: string, options: PlotModule.PlotOptions): Markup
}

export async function openDrawing(): Promise<Drawing> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const always = { document: document as never, className: 'plot' }
  return {
    plot,
    draw(description, options) {
      const drawn = plot.plot({ ...always, ariaLabel: description, ...options })
      drawn.setAttribute('role', 'img')
      // An image has one label: what its parts show is in an attribute that is not read out.
      for (const part of drawn.querySelectorAll('g[aria-label]')) {
        part.setAttribute('data-mark', part.getAttribute('aria-label') ?? '')
        part.removeAttribute('aria-label')
      }
      return new Markup(drawn.outerHTML)
    },
  }
}
