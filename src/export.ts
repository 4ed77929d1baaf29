// All rows of a target at one snapshot, as a file.
import { openClient } from './database.ts'
import { TrifoldError } from './errors.ts'
import { type ExportFormat, exportFormats, loadFormat } from './export/format.ts'
import { FoundRows } from './export/found-rows.ts'
import { openPosition } from './export/position.ts'
import { PositionRows } from './export/position-rows.ts'
import { type ExportPlan, type ExportRequest, planExport } from './export/request.ts'
import { RowExport } from './export/row-export.ts'
import { freshTarget, waitForToken } from './freshness.ts'
import type { Materializer } from './materializer.ts'
import { refusedInWords } from './observe.ts'
import { insteadOf } from './query/nearest.ts'
import { shown } from './query/parts.ts'
import { refuseText as refuseFullText } from './query/unsupported.ts'
import { type Restriction, restricted } from './query.ts'
import { readSwitch } from './schema/serving.ts'
import { targetNamed } from './target.ts'
import { servedBy } from './toolkit/served.ts'
import type { Toolkit } from './toolkit.ts'

export type { ExportFormat } from './export/format.ts'
export type { ExportRequest } from './export/request.ts'
export type { RowExport } from './export/row-export.ts'

/** How rows are written. */
export interface ExportOptions {
  /** Default `csv`. */
  format?: ExportFormat
  /**
   * Of CSV: whether texts that begin with `=`, `+`, `-`, `@`, a tab or a carriage return stay as they are. Default false:
   * an apostrophe is put in front, so that no spreadsheet takes them for formulas.
   */
  raw?: boolean
  signal?: AbortSignal
  /** What may be exported of the read model, whatever the request says. Default: everything. */
  restriction?: Restriction
}

/**
 * Opens an export: the rows of a target at one snapshot.
 *
 * @param name a target, or a read model for the target that serves
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, QUERY_INVALID, QUERY_UNSUPPORTED, EXPORT_IMPOSSIBLE, TARGET_STOPPED,
 * TARGET_DETACHED, PACKAGE_MISSING, and with `after` as `find`
 */
export async function openExport(
  toolkit: Toolkit,
  name: string,
  request: ExportRequest | undefined,
  options: ExportOptions = {},
): Promise<RowExport> {
  const { format, raw } = checkOptions(options)
  const { restriction } = options
  const materializer = await toolkit.current(await targetOf(toolkit, name))
  const { definition } = materializer.context
  const plan = planExport('restriction' in options ? restricted({ definition }, restriction) : { definition }, request)
  const asFound = plan.text !== undefined || (plan.order.length > 0 && materializer.freeze !== undefined)
  if (asFound) refuseText(plan, materializer)
  const formatOf = await loadFormat(format, raw)
  const { signal } = options
  const writing = { format, formatOf, signal }
  if (asFound) {
    const { name: readModel } = materializer.context
    const whole = toolkit.readModel(readModel)
    const reader = restriction ? whole.restrict(restriction) : whole
    const found = await FoundRows.open(
      {
        definition,
        plan,
        connect: () => openClient(toolkit.config.database, { name: `export ${materializer.context.target}` }),
        letGo: (cursor) => materializer.letGo(cursor),
        ask: (asked) => reader.findCanonical({ ...asked, from: 'search' }),
      },
      request ?? {},
    )
    return new RowExport(definition, found, plan, writing)
  }
  return refusedInWords(
    (async () => {
      if (plan.wait) {
        const { token, timeout } = plan.wait
        const wake = () => toolkit.wake()
        await waitForToken(toolkit.pool, freshTarget(materializer), token, { timeout, signal, wake })
      }
      const position = await openPosition(materializer, toolkit.config.events, signal)
      return new RowExport(definition, new PositionRows(definition, position, plan), plan, writing)
    })(),
  )
}

/** @throws QUERY_UNSUPPORTED, naming a target that has full text */
function refuseText({ text }: ExportPlan, { context: { name, target, model }, features }: Materializer): void {
  if (text === undefined || features.fullText) return
  const fullTextTargets = model.targets.search ? [targetNamed(name, 'search')] : []
  refuseFullText({ text }, { target, fullTextTargets })
}

async function targetOf(toolkit: Toolkit, name: string): Promise<string> {
  if (name.includes('@')) return name
  toolkit.readModel(name) // it throws for an unknown one
  const model = toolkit.config.readModels[name]
  return targetNamed(name, servedBy(model as NonNullable<typeof model>, await readSwitch(toolkit.pool, name)))
}

function checkOptions({ format = 'csv', raw = false }: ExportOptions): Required<Pick<ExportOptions, 'format' | 'raw'>> {
  const invalid = (message: string) => new TrifoldError('QUERY_INVALID', `export: ${message}`)
  if (!exportFormats.includes(format))
    throw invalid(`\`format\` is ${shown(format)}; ${insteadOf(String(format), exportFormats, 'it takes')}`)
  if (typeof raw !== 'boolean') throw invalid(`\`raw\` takes true or false, not ${shown(raw)}`)
  if (raw && format !== 'csv') throw invalid('`raw` is for CSV only: the other formats never change a text')
  return { format, raw }
}
