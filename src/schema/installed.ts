/** What a database has of the schema `trifold`: nothing, what an older version of the library made, or all of it. */
export type Installed = 'missing' | 'outdated' | 'current'

/** An SQL expression: {@link Installed}, told by what the newest migrations add. */
export const installed = `
  case
    when to_regclass('trifold.windows') is null then 'missing'
    when to_regclass('trifold.detachments') is null then 'outdated'
    when to_regclass('trifold.verifications') is null then 'outdated'
    when to_regclass('trifold.parked') is null then 'outdated'
    when to_regclass('trifold.era_nonce') is null then 'outdated'
    else 'current'
  end`
