import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { facadeMark, markedRelation, ownComment, shownRelation } from '../schema/facades.ts'
import { qualified, quoteIdent, quoteLiteral } from '../sql.ts'

/** A view in the application's schema that shows one relation of the schema `trifold`. */
export interface Facade {
  schema: string
  name: string
  /** The generation's relation, in the schema `trifold`. */
  relation: string
  columns: readonly string[]
  /** What a row is; undefined leaves the comment as it is. */
  comment?: string | undefined
  /** What columns mean, by name; those that are not named keep their comments. */
  comments?: ReadonlyMap<string, string>
}

/** A facade as it is in the database. */
export interface StandingFacade {
  relation: string
  columns: string[]
  /** What stands in its comment besides what it shows. */
  comment: string
  /** The comments of its columns, by name. */
  comments: ReadonlyMap<string, string>
  /** `grant` clauses after the word `grant`, without the relation: privilege and grantee. */
  grants: { privilege: string; grantee: string; grantable: boolean }[]
}

const readStatement = `
  select
    class.relkind::text as kind,
    ${shownRelation('class.oid')} as relation,
    ${ownComment('class.oid')} as comment,
    (
      select coalesce(json_agg(attribute.attname order by attribute.attnum), '[]')::text
      from pg_attribute as attribute
      where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
    ) as columns,
    (
      select coalesce(json_agg(json_build_array(attribute.attname, col_description(class.oid, attribute.attnum))), '[]')::text
      from pg_attribute as attribute
      where attribute.attrelid = class.oid
        and attribute.attnum > 0
        and col_description(class.oid, attribute.attnum) is not null
    ) as comments,
    (
      select coalesce(json_agg(json_build_object(
        'privilege', acl.privilege_type,
        'grantee', case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
        'grantable', acl.is_grantable
      )), '[]')::text
      from aclexplode(class.relacl) as acl
      where acl.grantee <> class.relowner
    ) as grants
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  where namespace.nspname = $1 and class.relname = $2`

/** Reads the facade of that name; undefined if nothing has the name. @throws FACADE_TAKEN */
export async function readFacade(
  client: pg.ClientBase | pg.Pool,
  facade: Pick<Facade, 'schema' | 'name'>,
): Promise<StandingFacade | undefined> {
  const { rows } = await client.query(readStatement, [facade.schema, facade.name])
  const found = rows[0] as
    | Record<'kind' | 'relation' | 'comment' | 'columns' | 'comments' | 'grants', string>
    | undefined
  if (!found) return undefined
  if (found.kind !== 'v' || found.relation === null) throw taken(facade)
  return {
    relation: found.relation,
    comment: found.comment,
    columns: JSON.parse(found.columns),
    comments: new Map(JSON.parse(found.comments)),
    grants: JSON.parse(found.grants),
  }
}

const shownByStatement = `
  select namespace.nspname as schema, class.relname as name
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind = 'v'
    and ${markedRelation('class.oid')} = $1
  order by class.oid`

/** The facades that show a relation of the schema `trifold`, in whatever schema they are. */
export async function facadesOf(
  client: pg.ClientBase | pg.Pool,
  relation: string,
): Promise<Pick<Facade, 'schema' | 'name'>[]> {
  const { rows } = await client.query(shownByStatement, [relation])
  return rows
}

type StandingComments = Pick<StandingFacade, 'comment' | 'comments'>
const noComments: StandingComments = { comment: '', comments: new Map() }

/** The statements that point the view at its relation, in place if it is there. @param standing the comments that it has */
export const facadeStatement = (facade: Facade, standing: StandingComments = noComments): string =>
  `create or replace view ${qualified(facade.schema, facade.name)} as
    select ${facade.columns.map(quoteIdent).join(', ')}
    from ${qualified('trifold', facade.relation)};
    ${commentStatements(facade, standing)}`

/** Statements that wait for no reader. */
export function commentStatements(facade: Facade, standing: StandingComments): string {
  const view = qualified(facade.schema, facade.name)
  const comment = facade.comment ?? standing.comment
  const comments = [...standing.comments, ...(facade.comments ?? [])].filter(([name]) => facade.columns.includes(name))
  return [
    `comment on view ${view} is ${quoteLiteral(`${comment && `${comment}\n`}${facadeMark}${facade.relation}`)}`,
    ...comments.map(([name, text]) => `comment on column ${view}.${quoteIdent(name)} is ${quoteLiteral(text)}`),
  ].join(';\n')
}

/** Makes the view again, with the privileges and the comment that the one before it had. */
export async function createFacade(
  client: pg.ClientBase,
  facade: Facade,
  { grants, ...standing }: Pick<StandingFacade, 'grants'> & StandingComments = { grants: [], ...noComments },
): Promise<void> {
  await client.query(facadeStatement(facade, standing))
  for (const { privilege, grantee, grantable } of grants) {
    await client.query(
      `grant ${privilege} on ${qualified(facade.schema, facade.name)} to ${grantee}${grantable ? ' with grant option' : ''}`,
    )
  }
}

function taken({ schema, name }: Pick<Facade, 'schema' | 'name'>): TrifoldError {
  return new TrifoldError(
    'FACADE_TAKEN',
    `facade: ${schema}.${name} exists and was not made by Trifold; rename it, or set another \`schema\` for the serving names`,
  )
}
