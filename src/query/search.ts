// Reading an index. Apart from `query.ts`, so that OpenSearch's client is loaded only if a search target is.
export type { ReadIndex } from './search/ask.ts'
export { indexReader } from './search/reader.ts'
