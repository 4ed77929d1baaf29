// The names under which SQL reads a read model: views in the application's schema, one a target and the serving name.

export * from './facade/names.ts'
export * from './facade/point.ts'
export type { Facade } from './facade/statements.ts'
