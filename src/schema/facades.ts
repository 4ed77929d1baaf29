// The names of Trifold in the application's schema: views over one relation of the schema `trifold`.

/** How the comment of such a view ends; a comment of the application may come before it. */
export const facadeMark = 'trifold: facade of '

/** An SQL expression: the relation that a view shows, by its comment; null if it is no name of Trifold. @param oid an expression */
export const markedRelation = (oid: string): string =>
  `substring(obj_description(${oid}, 'pg_class') from '${facadeMark}([^\\n]+)$')`

/**
 * An SQL expression: the relation that a view of one of Trifold's names shows; null if it is not Trifold's. If a comment of the
 * application has taken the place of ours, the view is known by what it reads: a generation, and nothing else. So may a view
 * of the application with another name.
 *
 * @param oid an SQL expression
 */
export const shownRelation = (oid: string): string => `
    coalesce(
      ${markedRelation(oid)},
      (
        select max(relation.relname)
        from pg_rewrite as rule
        join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass
          and depend.objid = rule.oid
          and depend.refclassid = 'pg_class'::regclass
          and depend.refobjid <> rule.ev_class
        join pg_class as relation on relation.oid = depend.refobjid
        where rule.ev_class = ${oid}
        having count(distinct relation.oid) = 1
          and bool_and(
            relation.relnamespace = to_regnamespace('trifold')
            and relation.relname ~ '__(table|view)_g[0-9]+'
          )
      )
    )`

/** An SQL expression: the comment of a view without what Trifold has written. @param oid an SQL expression */
export const ownComment = (oid: string): string =>
  `regexp_replace(coalesce(obj_description(${oid}, 'pg_class'), ''), '\\n?${facadeMark}[^\\n]+$', '')`
