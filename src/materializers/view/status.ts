import type { StorageStatus, TargetContext } from '../../materializer.ts'

/** The relation that serves, its rows as its last refresh counted them, and its bytes with indexes. */
export async function viewStatus(context: TargetContext): Promise<StorageStatus> {
  const { rows } = await context.pool.query(
    `select
      storage,
      row_count,
      pg_total_relation_size(to_regclass('trifold.' || quote_ident(storage)))::text as bytes
    from trifold.generations
    where target = $1 and state = 'serving'`,
    [context.target],
  )
  const found = rows[0] as { storage: string; row_count: string | null; bytes: string | null } | undefined
  return {
    storage: found && `trifold.${found.storage}`,
    rows: found?.row_count ? Number(found.row_count) : undefined,
    sizeBytes: found?.bytes ? Number(found.bytes) : undefined,
  }
}
