/** The ways to keep a read model; `memory` is for tests. */
export type MaterializerName = 'table' | 'view' | 'search' | 'memory'
