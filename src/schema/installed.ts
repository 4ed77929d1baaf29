/** What a database has of the schema `trifold`: nothing, what an older version of the library made, or all of it. */
export type Installed = 'missing' | 'outdated' | 'current'

/** An SQL expression: {@link Installed}, told by what the migrations after the first add. */
export const installed = `
  case
    when to_regclass('trifold.windows') is null then 'missing'
    when to_regclass('trifold.verifications') is not null and exists (
      select
      from pg_attribute
      where attrelid = to_regclass('trifold.consumers')
        and attname = 'attempt'
        and not attisdropped
    ) and to_regclass('trifold.detachments') is not null then 'current'
    else 'outdated'
  end`
