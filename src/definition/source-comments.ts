import type pg from 'pg'

/** The comment of the column of a table that a column of the definition is, unchanged; undefined for the others. */
export async function sourceComments(
  client: Pick<pg.ClientBase, 'query'>,
  fields: readonly pg.FieldDef[],
): Promise<(string | undefined)[]> {
  const { rows } = await client.query(
    `select col_description(source.relation, source.place) as comment
    from unnest($1::oid[], $2::integer[]) with ordinality as source (relation, place, number)
    order by source.number`,
    [fields.map(({ tableID }) => tableID), fields.map(({ columnID }) => columnID)],
  )
  return rows.map(({ comment }) => comment ?? undefined)
}
