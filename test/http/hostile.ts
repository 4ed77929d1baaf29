// Requests that nobody means well with, drawn at random.

import fc from 'fast-check'
import { anyMutation } from '../query/mutations.ts'

/** What is sent, as it is. */
export interface Hostile {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
}

const injections = [
  "' or 1=1 --",
  "'; drop table things; --",
  '"; drop view names.things; --',
  "north') or true --",
  "region\" = 'South' --",
  '$1',
  '{region}',
  '\\',
  '%',
  "x' union select name from public.things --",
  'pg_sleep(10)',
  '{"match_all":{}}',
  '*:*',
  'region:South',
  '"}},"query":{"match_all":{}},"x":{"y":{"z":"',
  "doc['name'].value",
  '_source',
  '_id',
  '_deleted',
  '__proto__',
  'constructor',
  '../things',
  '\u0000',
  '\ud800',
  '🙂'.repeat(200),
  'x'.repeat(5_000),
]
const injection = fc.constantFrom(...injections)
const column = fc.constantFrom('region', 'id', 'name', 'status', 'quantity', 'tags', 'extra', 'changed_at')

const dsl = fc.constantFrom<object>(
  { match_all: {} },
  { query: { match_all: {} } },
  { bool: { should: [{ match_all: {} }] } },
  { script: { source: '1' } },
  { $ne: null },
  { $where: '1' },
  { eq: { eq: 'South' } },
  { gte: ['South'] },
  { raw: 'true' },
  { toString: 1 },
)

/** Conditions and terms in which something else is hidden. */
const injected: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(column, injection).map(([name, value]) => ({ where: { [name]: value } })),
  fc.tuple(column, dsl).map(([name, value]) => ({ where: { [name]: value } })),
  injection.map((name) => ({ where: { [name]: 'x' } })),
  dsl.map((where) => ({ where })),
  injection.map((sort) => ({ sort })),
  injection.map((name) => ({ columns: ['region', name] })),
  fc.tuple(injection, injection).map(([query, from]) => ({ text: { query }, from })),
  injection.map((query) => ({ text: query, from: 'search', highlight: true })),
  injection.map((text) => ({ text, from: 'search' })),
  fc.constantFrom('can', 'canary', 'ca 7f', 's', '"').map((text) => ({ text, from: 'search' })),
  injection.map((group) => ({ group })),
  fc
    .tuple(injection, column)
    .map(([name, of]) => ({ aggregates: { [name]: { max: of } }, group: 'status', sort: name })),
  injection.map((timeZone) => ({ group: { column: 'changed_at', interval: 'day', timeZone } })),
  injection.map((cursor) => ({ cursor })),
  injection.map((value) => ({ having: { count: { gt: value } }, group: 'status' })),
  fc
    .constantFrom('1', '1-0.1', '1.99999999999999999999', '1.5.6', '9'.repeat(30))
    .map((after) => ({ after, timeout: 5 })),
)

/** JSON that is wrong, deep, long, or made to reach the prototypes. */
const raw: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .integer({ min: 1, max: 5_000 })
    .map((depth) => Buffer.from(`${'{"where":{"not":'.repeat(depth)}1${'}}'.repeat(depth)}`)),
  fc.integer({ min: 1, max: 100_000 }).map((depth) => Buffer.from('['.repeat(depth))),
  fc
    .constantFrom(
      '{"__proto__":{"where":{}}}',
      '{"where":{"__proto__":{"region":"South"}}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"where":{"constructor":{"prototype":{"polluted":1}}}}',
      '{"where":{"region":"north"},"where":{"region":"South"}}',
      '{"where":null}',
      '{"limit":1e999}',
      '{"limit":-0}',
      `{"limit":${'9'.repeat(400)}}`,
      `{"where":{"id":${'9'.repeat(2_000)}}}`,
      `{"where":{"total":1e${'9'.repeat(300)}}}`,
      '{"where":{"id":0x10}}',
      '{"where":{"id":NaN}}',
      '\ufeff{}',
      '{}{}',
      '"{}"',
      'null',
      '{"where":{"name":"\\u0000"}}',
      '{"where":{"name":"\\ud800"}}',
      `{"where":{"id":{"in":[${'1,'.repeat(70_000)}1]}}}`,
      `{"where":{"name":"${'x'.repeat(1_100_000)}"}}`,
    )
    .map((text) => Buffer.from(text)),
)

const json = (value: unknown): Buffer | undefined => {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : Buffer.from(text)
  } catch {
    return undefined
  }
}

const cut = (body: Buffer): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.nat(body.length), fc.nat(255)).map(([at, byte]) => {
    const changed = Buffer.from(body)
    if (at < changed.length) changed[at] = byte
    return byte % 2 ? changed.subarray(0, at) : changed
  })

const asked = fc.oneof(
  { weight: 3, arbitrary: anyMutation.map(({ request }) => json(request)) },
  { weight: 3, arbitrary: injected.map(json) },
  { weight: 2, arbitrary: raw },
  { weight: 2, arbitrary: anyMutation.map(({ request }) => json(request) ?? Buffer.of()).chain(cut) },
)

const kind = fc.constantFrom('find', 'summarize', 'suggest', 'export')

const path = fc.oneof(
  { weight: 8, arbitrary: kind.map((one) => `/read-models/things/${one}`) },
  {
    weight: 1,
    arbitrary: fc.tuple(injection, kind).map(([name, one]) => `/read-models/${escaped(name)}/${one}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/read-models/things/../others/find',
      '/read-models/%2e%2e/find',
      '/read-models//find',
      '/read-models/things/find/',
      '/read-models/THINGS/find',
      '/read-models/things%00/find',
      '/read-models/things%zz/find',
      '/read-models/things@view/find',
      '/read-models/things/find;x=1',
      `/read-models/${'x'.repeat(3_000)}`,
      '/openapi.json',
      '/read-models',
      '//evil.example/read-models',
      '/read-models/things/export?format=csv&raw=true',
      '/read-models/things/export?format=__proto__',
      '/read-models/things/export?raw=1',
    ),
  },
)

const escaped = (text: string): string => encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, 'x'))

const parameters = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: asked.map((body) => `request=${escaped((body ?? '').toString().slice(0, 4_000))}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'request={}&request={}',
      'request[where]=1',
      '__proto__=1',
      '__proto__[request]={}',
      'constructor=1',
      'key=1',
      'request',
      'request=%',
      '&&&===',
      'format=csv&format=ndjson',
    ),
  },
)

const headers = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { 'trifold-token': '1' },
      { 'trifold-token': '1-0.5' },
      { 'trifold-token': "' or 1=1 --" },
      { 'trifold-token': '9'.repeat(5_000) },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${'x'.repeat(5_000)}` },
      { authorization: 'Basic bm9ydGg6bm9ydGg=' },
      { authorization: "Bearer ' or 1=1 --" },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'content-type': 'application/xml' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-type': '' },
      { 'content-encoding': 'gzip' },
      { 'if-none-match': '*' },
      { 'if-none-match': 'W/"x", "y", ,' },
      { 'x-http-method-override': 'DELETE' },
      { 'x-forwarded-for': '127.0.0.1' },
      { host: 'evil.example' },
      { origin: 'https://evil.example' },
      { range: 'bytes=0-1' },
      { expect: '200-ok' },
      { 'accept-version': '1' },
    ),
  },
)

export const anyHostile: fc.Arbitrary<Hostile> = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant('POST') },
      { weight: 2, arbitrary: fc.constant('GET') },
      { weight: 1, arbitrary: fc.constantFrom('PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'PROPFIND') },
    ),
    path,
    parameters,
    headers,
    body: asked,
  })
  .map(({ method, path: asks, parameters: more, headers: given, body }) => ({
    method,
    path: more === '' ? asks : `${asks}${asks.includes('?') ? '&' : '?'}${more}`,
    headers: given,
    body: method === 'GET' || method === 'HEAD' ? undefined : body,
  }))
