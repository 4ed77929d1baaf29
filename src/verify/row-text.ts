import type { Column } from '../definition.ts'
import { storedText } from '../encoding/stored-text.ts'
import type { Row } from '../encoding.ts'

const quotedInRow = /^$|["\\(),\s]/

/**
 * A row's columns as `row(...)::text` of PostgreSQL writes them. If it writes a value in another way than
 * {@link storedText} the texts differ, and the values have to be compared.
 */
export const rowText = (columns: readonly Column[], row: Row): string =>
  `(${columns.map(({ name, encoding }) => partText(storedText(encoding, row[name] ?? null))).join(',')})`

/** As a part of a row a value that is missing is empty. */
const partText = (text: string | null): string =>
  text === null ? '' : quotedInRow.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text
