// The values at the edges of every supported type, in PostgreSQL's text form.

/** Values of every type that arrive as they are: those at its edges. */
export const carried: [what: string, type: string, values: string[]][] = [
  ['jsonb with zeros behind the point', 'jsonb', ['{"p": 10.10}', '10.10', '[1.0, {"a": 100.00}]']],
  ['a JSON null, which is not SQL NULL', 'jsonb', ['null', '[null]', '{"a": null}']],
  ['jsonb with odd keys', 'jsonb', ['{"bb": 1, "a": 2, "é": 3, "": 4, "__proto__": 5, "a\\u0001\\"/": 6}']],
  ['deep jsonb', 'jsonb', [`${'['.repeat(2_000)}1${']'.repeat(2_000)}`]],
  ['numeric of a negative scale', 'numeric(5,-2)', ['12300', '0', '-100']],
  ['numeric without a scale', 'numeric', ['10.10', '0.00', '1e400', '-1e-400', '12345678901234567890.1234567890']],
  ['numeric of many digits', 'numeric(30,10)', ['12345678901234567890.0000000001', '-0.0000000001']],
  ['the smallest integers', 'integer', ['-2147483648', '2147483647']],
  ['the smallest smallints', 'smallint', ['-32768', '32767']],
  ['bigint to the bounds of JavaScript', 'bigint', ['-9007199254740991', '9007199254740991']],
  ['doubles at the edges', 'double precision', ['-0', '5e-324', '1.7976931348623157e308', '0.1', '1e21']],
  ['reals at the edges', 'real', ['-0', '1e-45', '3.4028235e38', '0.1', '16777216']],
  [
    'infinite and far times',
    'timestamptz',
    ['infinity', '-infinity', '4714-11-24 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00'],
  ],
  [
    'times around 1970, 2262 and year 1',
    'timestamptz',
    [
      '1969-12-31 23:59:59.999999+00',
      '2262-04-12+00',
      '9999-12-31 23:59:59.999999+00',
      '0001-01-01+00',
      '0001-12-31 BC',
    ],
  ],
  [
    'times without an offset',
    'timestamp',
    ['infinity', '9999-12-31 23:59:59.999999', '1950-02-28 01:02:03.000004', '0044-03-15 BC'],
  ],
  [
    'far dates',
    'date',
    ['infinity', '-infinity', '9999-12-31', '5874897-12-31', '4714-11-24 BC', '1899-12-31', '2024-02-29'],
  ],
  ['times of day', 'time', ['00:00:00', '23:59:59.999999', '24:00:00', '12:30:00.1']],
  ['bytes', 'bytea', ['\\x', '\\x00ff']],
  ['padded text', 'char(5)', ['ab', 'a b', '']],
  ['text that is long, odd or empty', 'text', ['', ' a ', 'é😀\n\t"\\', 'NULL', 'x'.repeat(9_000), 'é'.repeat(20_000)]],
  ['an enum', 'mood', ['sad', 'ok', "it's"]],
  [
    'arrays of text',
    'text[]',
    ['{}', '{NULL}', '{"",NULL,"NULL","a,b","{}","\\"\\\\"}', `{${'x'.repeat(40_000)},short}`],
  ],
  ['arrays of varchar and char', 'varchar(9)[]', ['{a,b}']],
  ['arrays of numbers', 'numeric[]', ['{10.10,NULL,-0.5,1e30}']],
  ['arrays of doubles', 'double precision[]', ['{-0,1.5,NULL}']],
  ['arrays of bigints', 'bigint[]', ['{-9007199254740991,1,NULL}']],
  ['arrays of dates', 'date[]', ['{infinity,2024-02-29,"0044-03-15 BC"}']],
  ['arrays of times', 'timestamptz[]', ['{"1950-01-01 00:00:00.000001+00",infinity}']],
  ['arrays of uuids', 'uuid[]', ['{A0000000-0000-4000-8000-00000000000f,NULL}']],
  ['arrays of booleans', 'boolean[]', ['{t,f,NULL}']],
  ['arrays of enums', 'mood[]', ['{sad,NULL,"it\'s"}']],
  ['arrays of domains', 'amount[]', ['{1.50,2.00}']],
  ['a domain', 'amount', ['1.50']],
]

/** The types that the columns of {@link carried} need. */
export const createTypes = `
  create type mood as enum ('sad', 'ok', 'it''s');
  create domain amount as numeric(10, 2) check (value >= 0);`

/** A table `t` with a nullable column for each of some types: `c0`, `c1`, … */
export const createColumns = (types: readonly string[]): string => `
  ${createTypes}
  create table public.t (
    id integer primary key,
    n integer not null default 0,
    ${types.map((type, place) => `c${place} ${type}`).join(',\n    ')}
  );`
