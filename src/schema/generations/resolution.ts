/**
 * What the names of a definition meant when PostgreSQL parsed it. A statement looks a name up each time it runs, a
 * materialized view never again: so a generation keeps what it was built from, and that is compared before its rows are
 * trusted.
 */
export interface Resolution {
  /** The catalog that the oids are of: a dump that is restored gives all of them again. */
  catalog: string
  /** The relations that the definition reads, also inside of views, in the order of their oids. */
  relations: ResolvedRelation[]
  /** The functions of the application that it calls. Those of PostgreSQL do not change under a database. */
  functions: CatalogFunction[]
  /** The columns whose values depend on the plan. Generations of earlier versions do not tell. */
  planDependent?: PlanDependent[]
}

/** A column whose value depends on how PostgreSQL happens to run the definition, and why. */
export interface PlanDependent {
  column: string
  /** `string_agg without order by`. */
  reason: string
}

/** A relation with the columns that are read. */
export interface ResolvedRelation extends Omit<CatalogRelation, 'visible'> {
  /** Whether the definition itself names it, and not only a view inside. */
  direct: boolean
  /** Whether it is named without its schema: `search_path` then decides which relation that is. */
  bySearchPath: boolean
  /** Whether whole rows are read, of it or of another: a column that is added counts. */
  wholeRow: boolean
}

/** A relation of the catalog with the columns that were asked for. */
export interface CatalogRelation {
  oid: string
  /** Qualified, as PostgreSQL quotes it. */
  name: string
  /** `pg_class.relkind`. */
  kind: string
  /** Whether its bare name finds it along the session's `search_path`. */
  visible: boolean
  columns: { number: number; name: string; type: string }[]
  /** A hash of the SELECT of a view. */
  text: string | undefined
}

/** A function of the catalog. */
export interface CatalogFunction {
  oid: string
  /** With the types of its arguments. */
  name: string
  /** A hash of all that `create function` says of it. */
  text: string
}
