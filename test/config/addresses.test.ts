import { expect, it } from 'vitest'
import { resolveConfig, type TrifoldConfig } from '../../src/config.ts'
import { shownUrl } from '../../src/shown-url.ts'

const view = { key: ['id'], targets: { view: {} } }
const resolved = (config: object) => resolveConfig({ readModels: {}, ...config } as TrifoldConfig, '/', {})

it.each(['mysql://root:secret@127.0.0.1/shop', 'root:secret@127.0.0.1/shop', '127.0.0.1:5432/shop', 'shop'])(
  'refuses a database that is not PostgreSQL or has no scheme: %s',
  (database) => {
    const opening = () => resolved({ database })
    expect(opening).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(opening).toThrow('Trifold needs PostgreSQL, as postgres://user:password@host:5432/database')
    expect(opening).not.toThrow('secret')
  },
)

it('masks a password wherever an address holds it', () => {
  expect(shownUrl('postgres://me:secret@db/shop')).toBe('postgres://me:***@db/shop')
  expect(shownUrl('postgres://db/shop?user=me&password=secret&sslpassword=hidden&sslmode=require')).toBe(
    'postgres://db/shop?user=me&password=***&sslpassword=***&sslmode=require',
  )
})

it('refuses a read model with the name of another target, and says both', () => {
  const readModels = { a: view, a__view: view }
  expect(() => resolved({ database: 'postgres://db/shop', readModels })).toThrow(
    'the read model a__view has the name in SQL of the target a@view of a; rename one of the two',
  )
  expect(() => resolved({ database: 'postgres://db/shop', readModels: { a: view, a__table: view } })).not.toThrow()
})
