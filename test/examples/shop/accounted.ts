import type { ImportReport } from '../../../examples/shop/import.ts'

/** How many lines of an import are accounted for. */
export const accounted = (report: ImportReport): number =>
  report.linesImported +
  report.linesReturned.wholeOrder +
  report.linesReturned.partOfOrder +
  Object.values(report.linesSkipped).reduce((sum, lines) => sum + lines, 0)
