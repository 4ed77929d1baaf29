/** How the page looks: on light and dark screens, on narrow ones and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --ink: #171a1f; --soft: #545b66; --line: #dde1e7; --shade: #171a1f38;
  --table: #0a5bb0; --view: #a84300; --search: #00695a; --definition: #5a5470;
  --good: #11692f; --bad: #b3171c; --link: #0a5bb0;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --panel: #1d2026; --ink: #e8eaee; --soft: #a4abb8; --line: #343943; --shade: #000000a8;
    --table: #6fb4ff; --view: #ffa266; --search: #52d3b4; --definition: #bdb4d9;
    --good: #6ccf8b; --bad: #ff8f8a; --link: #8cc2ff;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 96px; }
h1 { font-size: 32px; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 20px; overflow-wrap: anywhere; }
h2 { font-size: 21px; letter-spacing: -0.01em; margin: 56px 0 16px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 0 0 4px; overflow-wrap: anywhere; }
p, ul, dl { margin: 0 0 12px; }
ul { padding-left: 20px; }
a { color: var(--link); text-underline-offset: 2px; }
code { font: 0.88em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
small { font-size: 12px; line-height: 1.4; }
.kicker { color: var(--soft); margin: 0 0 2px; }
.note { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.none { color: var(--soft); font-style: italic; }
.unit { color: var(--soft); font-weight: 400; }
.number .unit { display: inline-block; min-width: 2.1em; text-align: left; }
.number small .unit { min-width: 0; }
.name { white-space: nowrap; }
data { white-space: nowrap; font-variant-numeric: tabular-nums; }

.verdict { background: var(--panel); border-left: 5px solid var(--choice); border-radius: 0 8px 8px 0; padding: 20px 24px 12px; margin: 0 0 28px; }
.to-table { --choice: var(--table); } .to-view { --choice: var(--view); } .to-search { --choice: var(--search); }
.to-none { --choice: var(--definition); } .to-undecided { --choice: var(--soft); }
.verdict .choice { font-size: 25px; line-height: 1.25; margin: 0 0 6px; padding: 0; border: 0; color: var(--choice); }
.verdict .reason { font-size: 17px; max-width: 46em; }
.verdict ul { max-width: 54em; padding-left: 18px; }
.verdict li { margin: 0 0 5px; }
.verdict li::marker { color: var(--soft); }
.source { font: 11px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--soft); text-decoration-color: var(--line); margin-right: 8px; display: inline-block; overflow-wrap: anywhere; }
.source:hover { color: var(--link); }

.setting { display: grid; grid-template-columns: repeat(auto-fill, minmax(216px, 1fr)); gap: 14px 24px; }
.setting dt { color: var(--soft); font-size: 12.5px; }
.setting dd { margin: 0; font-variant-numeric: tabular-nums; }
.remarks { border-left: 3px solid var(--line); color: var(--soft); }

/* A shade at the edge behind which a table goes on: the paper above it moves with the table. */
.scroll { overflow-x: auto; margin: 0 0 24px; background:
  linear-gradient(var(--paper) 0 0) local left / 16px 100% no-repeat, linear-gradient(var(--paper) 0 0) local right / 16px 100% no-repeat,
  linear-gradient(to right, var(--shade), transparent) left / 12px 100% no-repeat, linear-gradient(to left, var(--shade), transparent) right / 12px 100% no-repeat; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; padding: 0 0 8px; color: var(--soft); }
caption b, figcaption b { color: var(--ink); }
th, td { padding: 7px 12px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 10px; }
thead th { color: var(--soft); font-weight: 500; font-size: 12.5px; vertical-align: bottom; white-space: nowrap; }
tbody th { font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td small { display: block; color: var(--soft); } td small.bad { color: var(--bad); }
sup { color: var(--soft); font-size: 11px; line-height: 0; margin-left: 2px; }
.number sup { display: inline-block; width: 0.7em; margin-right: -0.9em; text-align: left; }
.notes { color: var(--soft); font-size: 13px; margin: -12px 0 28px; }
.notes div { display: flex; gap: 8px; } .notes dt { min-width: 1ch; } .notes dd { margin: 0; }
td.words { color: var(--soft); overflow-wrap: anywhere; }
.sign { vertical-align: -1px; margin-right: 4px; flex: none; fill: none; }
:target { background: color-mix(in srgb, var(--link) 14%, transparent); }

figure { margin: 0 0 28px; min-width: 0; }
figcaption { color: var(--soft); font-size: 13.5px; margin: 0 0 8px; }
.key { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0 0 4px; font-size: 13px; }
.figures, .queries, .needs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 8px 40px; align-items: start; }
.figures .wide { grid-column: 1 / -1; }
.needs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); }
.queries { gap: 36px 40px; margin-top: 32px; } .queries th, .queries td { padding-left: 8px; padding-right: 8px; } .queries th:first-child { padding-left: 0; }
.request { color: var(--soft); font-size: 13px; }
.plan { font-size: 13px; } .plan dt { color: var(--soft); } .plan dd { margin: 0 0 6px; }
.plot { --plot-background: var(--paper); background: none; color: var(--ink); max-width: 100%; height: auto; font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; overflow: visible; font-variant-numeric: tabular-nums; }
.narrow { display: none; }

details { margin: 0 0 12px; }
summary { cursor: pointer; font-weight: 600; }
.size { border-top: 1px solid var(--line); padding: 14px 0; } .size > summary { margin-bottom: 12px; }
summary h2 { display: inline; font-size: 17px; margin: 0; padding: 0; border: 0; }
details > script { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--panel); padding: 16px; border-radius: 8px; max-height: 480px; overflow: auto; }

@media screen and (max-width: 640px) {
  main { padding: 24px 16px 64px; }
  h1 { font-size: 26px; }
  .verdict { padding: 16px 16px 8px; }
  .verdict .choice { font-size: 22px; } .verdict .reason { font-size: 16px; }
  .setting { grid-template-columns: 1fr 1fr; gap: 12px 16px; }
  .broad { display: none; } .narrow { display: block; }
  table { font-size: 13px; } .number .unit { min-width: 0; } .sign { width: 21px; height: 9px; margin-right: 2px; }
  th, td { padding: 7px 4px; } th:last-child, td:last-child { padding-right: 4px; }
  thead .sign { display: block; margin: 0 0 2px auto; }
  caption { position: sticky; left: 0; max-width: calc(100vw - 32px); }
}
@media print {
  @page { margin: 16mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 28px; }
  .verdict { border: 1px solid var(--line); border-left: 5px solid var(--choice); background: none; }
  .figures, .queries { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 20px; }
  .queries { gap: 16px 20px; margin-top: 20px; } .queries table, .request, .plan { font-size: 8pt; } .queries .sign { width: 20px; }
  figure, .scroll { margin-bottom: 10px; } .notes { margin-top: 0; } figcaption { font-size: 9pt; }
  .plot { font-size: 13.5px; }
  figure, .scroll, tr, article, .setting, .notes, .needs > div, .verdict li { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .scroll { overflow: visible; background: none; }
  .setting { grid-template-columns: repeat(4, 1fr); } .needs { grid-template-columns: repeat(3, 1fr); gap: 8px 20px; }
  .setting, .setting dt, .remarks, .needs { font-size: 9pt; } .size:not([open]) { display: none; }
  table { font-size: 8.5pt; } td small { font-size: 7.5pt; } .notes { font-size: 8.5pt; } th, td { padding: 4px; } .number .unit { min-width: 0; } .queries th, .queries td { padding: 3px; }
  thead th { font-size: inherit; white-space: normal; }
  #document { display: none; }
  a { color: inherit; text-decoration: none; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`
