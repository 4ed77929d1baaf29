import { expect, it } from 'vitest'
import { circles, importsOf, roomOf, sources, upwardImports } from './imports.ts'

/**
 * The rooms of `src` from the ground up. A room is a file or a folder of `src`, or both under one name; it may import
 * rooms of earlier lines only.
 */
const layers = [
  [
    'byte-size',
    'errors',
    'executor',
    'fault',
    'lease-time',
    'pause',
    'shown-url',
    'snapshot',
    'span',
    'sql',
    'target',
    'turns',
  ],
  ['optional-package', 'schema'],
  ['database', 'detachment', 'encoding', 'observe', 'timing'],
  ['migrate', 'outbox'],
  ['feed', 'inbox', 'opensearch', 'read-model'],
  ['config', 'definition', 'era', 'freshness', 'net-change'],
  ['generation', 'query'],
  ['drift', 'lease'],
  ['materializer'],
  ['facade', 'rebuild', 'schedule'],
  ['consumer', 'materializers'],
  ['toolkit', 'verify'],
  ['export', 'operator', 'worker'],
  ['health', 'testing', 'trifold'],
  ['cli', 'index'],
]

const files = sources()
const imports = importsOf(files)

it('gives every room of src its layer', () => {
  expect([...new Set([...files.keys()].map(roomOf))].sort()).toEqual(layers.flat().sort())
})

it('imports only rooms of lower layers', () => {
  expect(upwardImports(imports, layers)).toEqual([])
})

it('has no circle of files, types included', () => {
  expect(circles(imports)).toEqual([])
})

it('finds an upward import, an import beside, and a circle of types', () => {
  const wrong = importsOf(
    new Map([
      ['src/feed/page.ts', "import type { Lease } from '../lease.ts'"],
      ['src/lease.ts', "export { takeLease } from './lease/take.ts'"],
      ['src/lease/take.ts', "import {\n  type Lease,\n} from '../lease.ts'\nawait import('../drift.ts')"],
      ['src/drift.ts', ''],
    ]),
  )
  expect(upwardImports(wrong, layers)).toEqual([
    'src/feed/page.ts imports src/lease.ts',
    'src/lease/take.ts imports src/drift.ts',
  ])
  expect(circles(wrong)).toEqual([['src/lease.ts', 'src/lease/take.ts']])
})
