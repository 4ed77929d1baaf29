import { html, Markup, type Piece } from './markup.ts'
import { style } from './style.ts'

/** One page that needs nothing else: no script runs in it, and its policy forbids every request. */
export function page(title: string, body: Piece, document: object): string {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>${body}
<section id="document">
<h2>All figures</h2>
<p>Everything above is computed from this document. A figure's title names its path in it, as <code>targets.0.lag</code>.</p>
<details><summary>The raw document (JSON)</summary>
<script type="application/json" id="comparison">${raw(document)}</script>
</details>
</section>
</main>
</body>
</html>
`
  return whole.html
}

/** JSON that cannot end the element that contains it. */
const raw = (document: object): Markup => new Markup(`\n${readable(document)}\n`.replaceAll('<', '\\u003c'))

/** Indented, but what is short takes one line: a sample a line. */
export function readable(value: unknown, indent = ''): string {
  const short = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || short.length + indent.length <= 100) return short
  const inner = `${indent} `
  const items = Array.isArray(value)
    ? value.map((one) => `${inner}${readable(one ?? null, inner)}`)
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([name, one]) => `${inner}${JSON.stringify(name)}: ${readable(one, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${items.join(',\n')}\n${indent}${close}`
}
