/** What a database has of the schema `trifold`: nothing, what an older version of the library made, or all of it. */
export type Installed = 'missing' | 'outdated' | 'current'

/** An SQL expression: {@link Installed}, told by what the newest migration adds: they run in order. */
export const installed = `
  case
    when to_regclass('trifold.windows') is null then 'missing'
    when to_regproc('trifold.as_of') is null then 'outdated'
    else 'current'
  end`
