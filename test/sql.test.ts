import pg from 'pg'
import { expect, it } from 'vitest'
import { quoteIdent, quoteLiteral } from '../src/sql.ts'

it.each(['', 'orders', 'Order lines', 'a"b', '"', "it's", "''", 'back\\slash', "\\'", 'é 😀', '$1'])(
  'quotes %j as the driver does',
  (text) => {
    expect(quoteIdent(text)).toBe(pg.escapeIdentifier(text))
    expect(quoteLiteral(text)).toBe(pg.escapeLiteral(text))
  },
)
