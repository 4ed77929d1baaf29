import { expect, it } from 'vitest'
import { configFaults } from '../../src/config/faults.ts'

const model = { key: ['id'], targets: { view: { every: '30s' } } }
const event = { '~standard': {} }

it('finds no fault in what a configuration may be', () => {
  const full = {
    root: '/srv/shop',
    database: 'postgres://localhost/shop',
    search: { url: 'https://localhost:9200', caFile: 'ca.pem', client: () => {} },
    redis: undefined,
    schema: 'public',
    views: 'views',
    indexPrefix: 'test-',
    types: 'types.ts',
    workload: 'workload.ts',
    outbox: { retain: '7d', cap: '20GB', partition: 500_000_000 },
    inbox: { retain: '30d' },
    events: { Placed: event, Called: Object.assign(() => {}, event) },
    readModels: {
      orders: {
        key: ['id'],
        indexes: [['customer_id', 'placed_at desc']],
        notNull: ['total'],
        timeZone: 'Europe/Vienna',
        targets: {
          table: {},
          view: { cron: '0 * * * *', timeZone: 'Europe/Zurich', timeout: 5_000 },
          search: { text: ['title'], language: 'english', indexRefresh: '100ms', shards: 1, replicas: 0 },
        },
        serve: 'table',
        version: 2,
        on: { Placed: () => [] },
      },
    },
  }
  expect(configFaults(full)).toEqual([])
  expect(configFaults({ search: 'http://localhost:9200', readModels: { orders: model } })).toEqual([])
})

const inModel = (more: object) => ({ readModels: { orders: { ...model, ...more } } })
const inTargets = (targets: object) => inModel({ targets })

it.each<[unknown, string]>([
  [undefined, 'config: must be an object'],
  [[], 'config: must be an object'],
  [{}, 'readModels: is missing'],
  [{ readModels: [] }, 'readModels: must be an object'],
  [{ readModel: {}, readModels: {} }, 'config: has no key "readModel" (known: root, database, search,'],
  [{ database: 5, readModels: {} }, 'database: must be a string'],
  [{ inbox: { retain: 'long' }, readModels: {} }, 'inbox.retain: must be a time span such as'],
  [{ outbox: { retain: '7w' }, readModels: {} }, 'outbox.retain: must be a time span such as'],
  [{ outbox: { cap: '20 GiB' }, readModels: {} }, 'outbox.cap: must be an amount such as "500MB"'],
  [{ outbox: { cap: '1GB' }, readModels: {} }, 'outbox: `cap` must be at least twice `partition`'],
  [{ search: 5, readModels: {} }, 'search: must be an address, or an object with `url`'],
  [{ root: '.', readModels: {} }, 'root: must be an absolute path, such as `import.meta.dirname`'],
  [{ search: { url: 'https://localhost:9200', client: {} }, readModels: {} }, 'search.client: must be a function'],
  [{ search: {}, readModels: {} }, 'search.url: is missing'],
  [{ indexPrefix: 'Test', readModels: {} }, 'indexPrefix: must be lower case letters, digits, - and _'],
  [{ events: { Placed: {} }, readModels: {} }, 'events.Placed: must be a Standard Schema'],
  [{ events: { Placed: null }, readModels: {} }, 'events.Placed: must be a Standard Schema'],
  [{ readModels: { Orders: model } }, 'readModels.Orders: must be lower case'],
  [{ readModels: { ['o'.repeat(41)]: model } }, `readModels.${'o'.repeat(41)}: must be lower case`],
  [{ readModels: { orders: null } }, 'readModels.orders: must be an object'],
  [{ readModels: { orders: { key: ['id'] } } }, 'readModels.orders.targets: is missing'],
  [inModel({ constructor: 1 }), 'readModels.orders: has no key "constructor"'],
  [inModel({ key: 'id' }), 'readModels.orders.key: must be a list'],
  [inModel({ key: [] }), 'readModels.orders.key: must have at least 1 entry'],
  [inModel({ timeZone: 'Vienna' }), 'readModels.orders.timeZone: must be a time zone such as "Europe/Vienna"'],
  [
    inModel({ targets: { search: { language: 'Latin' } } }),
    'readModels.orders.targets.search.language: must be arabic or danish',
  ],
  [
    inModel({ targets: { search: { text: ['title', { weight: 2 }] } } }),
    'readModels.orders.targets.search.text.1.column: is missing',
  ],
  [
    inModel({ targets: { search: { text: ['title'], typos: { edits: 3 } } } }),
    'readModels.orders.targets.search.typos.edits: must be 0, 1 or 2',
  ],
  [
    inModel({ targets: { search: { text: ['title'], typos: { below: 3, first: true } } } }),
    'readModels.orders.targets.search.typos: has no key "first" (known: edits, firstLetter, below)',
  ],
  [
    inModel({ targets: { search: { text: [{ column: 'title', language: 'english', analyzer: 'own' }] } } }),
    'has both a `language` and an `analyzer`',
  ],
  [
    inModel({ targets: { search: { analysis: { analyzer: { trifold_asked: {} } } } } }),
    'readModels.orders.targets.search.analysis.analyzer: has a name that begins with trifold_',
  ],
  [
    inModel({ targets: { search: { analysis: { analyzers: {} } } } }),
    'readModels.orders.targets.search.analysis: has no key "analyzers"',
  ],
  [inModel({ targets: { search: { boosts: [{ column: 'sold' }] } } }), 'half'],
  [
    inModel({ targets: { search: { text: ['title'], synonyms: [['tv']] } } }),
    'readModels.orders.targets.search.synonyms.0: must have at least 2 entries',
  ],
  [
    inModel({ targets: { search: { text: ['title'], synonyms: [['tv', '- -']] } } }),
    'readModels.orders.targets.search.synonyms.0.1: must be a text of 1 to 5 words',
  ],
  [
    inModel({ targets: { search: { text: [{ column: 'title', weight: 0 }] } } }),
    'readModels.orders.targets.search.text.0.weight: must be a number from 0.1 to 100',
  ],
  [
    inModel({ targets: { search: { text: [{ column: 'title', boost: 2 }] } } }),
    'readModels.orders.targets.search.text.0: has no key "boost" (known: column, weight, language, analyzer)',
  ],
  [
    inModel({ targets: { search: { text: ['title', { column: 'title', weight: 2 }] } } }),
    'readModels.orders.targets.search.text: names a column twice',
  ],
  [inModel({ key: ['id', 5] }), 'readModels.orders.key.1: must be a string'],
  [inModel({ indexes: [[]] }), 'readModels.orders.indexes.0: must have at least 1 entry'],
  [inModel({ serve: 'search' }), 'readModels.orders.serve: must be table or view'],
  [inModel({ version: 1.5 }), 'readModels.orders.version: must be a whole number, at least 1'],
  [inModel({ version: '1' }), 'readModels.orders.version: must be a whole number, at least 1'],
  [inModel({ on: { Placed: 5 } }), 'readModels.orders.on.Placed: must be a function'],
  [inTargets({ views: {} }), 'readModels.orders.targets: has no key "views" (known: table, view, search)'],
  [inTargets({ table: true }), 'readModels.orders.targets.table: must be an object'],
  [inTargets({ view: { every: '30 parsecs' } }), 'readModels.orders.targets.view.every: must be a time span'],
  [inTargets({ view: { every: null } }), 'readModels.orders.targets.view.every: must be a time span'],
  [
    inTargets({ view: { every: '1s', cron: '* * * * *' } }),
    'readModels.orders.targets.view: takes one of `every`, `lag` and `cron`',
  ],
  [inTargets({ view: { timeZone: 'UTC' } }), 'readModels.orders.targets.view: `timeZone` belongs to `cron`'],
  [inTargets({ search: { shards: 0 } }), 'readModels.orders.targets.search.shards: must be a whole number, at least 1'],
])('finds the fault of %j', (config, fault) => {
  expect(configFaults(config)).toEqual([expect.stringContaining(fault)])
})

it('finds all faults at once', () => {
  expect(configFaults({ redis: 1, readModels: { orders: { ...model, serve: 1 } } })).toHaveLength(2)
})
