import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExport } from '../../src/export.ts'
import { ValueStand } from '../values/stand.ts'

const run = promisify(execFile)

const tables = `
  create type mood as enum ('good', 'bad');
  create table t (
    id bigint primary key,
    small smallint,
    words text,
    price numeric(7,2),
    total numeric(18,4),
    large numeric(38,10),
    longer numeric(40,2),
    thousands numeric(4,-3),
    tiny numeric(2,5),
    any_number numeric,
    ratio double precision,
    single real,
    at timestamptz,
    local timestamp,
    day date,
    clock time,
    yes boolean,
    bytes bytea,
    tag uuid,
    mood mood,
    facts jsonb,
    numbers integer[],
    labels text[],
    prices numeric(7,2)[],
    times timestamptz[]
  )`

const insert = `
  insert into t
  values (
    $1, -32768, $2, -12345.60, 99999999999999.9999, -1234567890123456789012345678.0123456789, 1.50, 9999000, 0.00012,
    '12345678901234567890.12345678901234567890', 5e-324, 0.1, '2026-01-02 03:04:05.600001+00', '1969-12-31 23:59:59.999999',
    '1969-12-31', '23:59:59.000001', true, '\\x00ff', '00000000-0000-0000-0000-00000000000a', 'bad',
    '{"b": 1.50, "a": [null, "x"]}', '{1,null,-2}', $3, '{0.10,null}', '{"2026-01-02 03:04:05.600001+00"}'
  )`

/** What a reader makes of the row that {@link insert} writes. */
const written = {
  id: 9007199254740991n,
  small: -32768,
  words: 'ünïcödé 🎈',
  price: '-12345.60',
  total: '99999999999999.9999',
  large: '-1234567890123456789012345678.0123456789',
  longer: '1.50',
  thousands: '9999000',
  tiny: '0.00012',
  any_number: '12345678901234567890.12345678901234567890',
  ratio: 5e-324,
  single: Math.fround(0.1),
  at: '2026-01-02T03:04:05.600001Z',
  local: '1969-12-31T23:59:59.999999',
  day: '1969-12-31',
  clock: '23:59:59.000001',
  yes: true,
  bytes: '00ff',
  tag: '0000000000000000000000000000000a',
  mood: 'bad',
  facts: '{"a": [null, "x"], "b": 1.50}',
  numbers: [1, null, -2],
  labels: ['a,b', '', null, 'say "hi"'],
  prices: ['0.10', null],
  times: ['2026-01-02T03:04:05.600001Z'],
}

let stand: ValueStand
beforeAll(async () => {
  stand = await ValueStand.open(tables, 'select * from public.t', { key: ['id'] })
  await stand.write(insert, ['9007199254740991', written.words, ['a,b', '', null, 'say "hi"']])
  await stand.write('insert into t (id, numbers) values (2, $1)', [[]])
  await stand.rebuild('table', 'view', 'search')
})
afterAll(() => stand.close())

const targets = ['table', 'view', 'search'] as const

async function exported(target: string, request: object = {}) {
  const rows = await openExport(stand.toolkit, `m@${target}`, request, { format: 'parquet' })
  const chunks: Uint8Array[] = []
  for await (const chunk of rows) chunks.push(chunk)
  return { rows, file: Buffer.concat(chunks) }
}

const arrayBuffer = (file: Buffer): ArrayBuffer =>
  file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer

/** Parsers that keep what a file holds, where the reader's own make an inexact value of it. */
const exactly = {
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMicroseconds: (microseconds: bigint) => microseconds,
}

describe.each(targets)('an export of the %s as Parquet', (target) => {
  it('is read by a reader in JavaScript, with the facts of the export in its metadata', async () => {
    const { rows, file } = await exported(target)
    const metadata = parquetMetadata(arrayBuffer(file))
    expect(Number(metadata.num_rows)).toBe(2)
    expect(Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]))).toEqual({
      'trifold.target': `m@${target}`,
      'trifold.asOf': rows.asOf,
      'trifold.snapshot': rows.snapshot,
      'trifold.degraded': 'false',
      'trifold.rows': '2',
    })
    const read = await parquetReadObjects({ file: arrayBuffer(file), parsers: exactly as never, utf8: false })
    const [full, sparse] = read.toSorted((a, b) => Number(b.id - a.id)) as [Record<string, unknown>, object]
    expect(full).toMatchObject({
      id: written.id,
      words: written.words,
      at: 1_767_323_045_600_001n,
      local: -1n,
      day: '1969-12-31',
      longer: '1.50',
      any_number: written.any_number,
      ratio: 5e-324,
      numbers: [1, null, -2],
      labels: written.labels,
    })
    const kept = Object.entries(sparse).filter(([, value]) => value !== null && value !== undefined)
    expect(kept).toEqual(Object.entries({ id: 2n, numbers: [] }))
  })
})

it('has the chosen columns, also without any row', async () => {
  const { file, rows } = await exported('table', { where: { id: 3 }, columns: ['words', 'id'] })
  const metadata = parquetMetadata(arrayBuffer(file))
  expect(metadata.schema.map(({ name }) => name)).toEqual(['root', 'words', 'id'])
  expect([rows.rows, metadata.num_rows, metadata.row_groups]).toEqual([0, 0n, []])
})

it('refuses the values that Parquet has no form for', async () => {
  const values = {
    at: ["'infinity'", 'Parquet has no infinity'],
    day: ["'-infinity'", 'Parquet has no -infinity'],
    local: ["'294276-12-31'", '294276-12-31T00:00:00.000000 is later than the times of Parquet'],
    clock: ["'24:00:00'", 'in Parquet a day ends before 24:00:00'],
  }
  for (const [place, [column, [value]]] of Object.entries(values).entries())
    await stand.write(`insert into t (id, ${column}) values (${4 + place}, ${value})`, [])
  await stand.rebuild('table')
  for (const [place, [column, [, fault]]] of Object.entries(values).entries())
    await expect(exported('table', { where: { id: 4 + place } })).rejects.toMatchObject({
      code: 'EXPORT_IMPOSSIBLE',
      message: expect.stringContaining(`a value of ${column} in m@table: ${fault}; export CSV`),
    })
})

const program = `
import json, sys, pyarrow.parquet
file = pyarrow.parquet.ParquetFile(sys.argv[1])
table = file.read()
row = max(table.to_pylist(), key=lambda one: one['id'])
def shown(value):
    if isinstance(value, list): return [shown(one) for one in value]
    if isinstance(value, bytes): return value.hex()
    if hasattr(value, 'hex') and hasattr(value, 'bytes'): return value.hex
    if value is None or isinstance(value, (bool, int, float, str)): return value
    return str(value)
facts = {key.decode(): value.decode() for key, value in file.metadata.metadata.items() if key.startswith(b'trifold.')}
types = {field.name: str(field.type) for field in table.schema}
print(json.dumps({'types': types, 'row': {name: shown(value) for name, value in row.items()}, 'facts': facts, 'groups': file.num_row_groups}))
`

/** A Python that has pyarrow, or the reason why there is none. */
async function pythonWithArrow(): Promise<{ python?: string; reason?: string }> {
  const python = process.env.TRIFOLD_TEST_PYTHON ?? 'python3'
  try {
    await run(python, ['-c', 'import pyarrow.parquet'])
    return { python }
  } catch (error) {
    return {
      reason: `${python} cannot import pyarrow.parquet (TRIFOLD_TEST_PYTHON names another): ${(error as Error).message.trim().split('\n').at(-1)}`,
    }
  }
}

it('is read by pyarrow, with the exact types', async ({ skip }) => {
  const { python, reason } = await pythonWithArrow()
  if (python === undefined) return skip(reason)
  const folder = await mkdtemp(join(tmpdir(), 'trifold-parquet-'))
  try {
    const file = join(folder, 'rows.parquet')
    await writeFile(file, (await exported('view')).file)
    const { stdout } = await run(python, ['-c', program, file])
    const { row, types, facts } = JSON.parse(stdout.replace(/"id": (\d+)/, '"id": "$1"'))
    const times = { at: '2026-01-02 03:04:05.600001+00:00', local: '1969-12-31 23:59:59.999999' }
    expect(row).toEqual({ ...written, ...times, id: String(written.id), times: [times.at] })
    expect(types).toMatchObject({
      id: 'int64',
      small: 'int16',
      price: 'decimal128(7, 2)',
      total: 'decimal128(18, 4)',
      large: 'decimal128(38, 10)',
      longer: 'string',
      thousands: 'decimal128(7, 0)',
      tiny: 'decimal128(5, 5)',
      any_number: 'string',
      single: 'float',
      at: 'timestamp[us, tz=UTC]',
      local: 'timestamp[us]',
      day: 'date32[day]',
      clock: 'time64[us]',
      bytes: 'binary',
      numbers: 'list<element: int32>',
      prices: 'list<element: decimal128(7, 2)>',
    })
    expect(facts['trifold.rows']).toBe('2')
  } finally {
    await rm(folder, { recursive: true })
  }
})
