import pg from 'pg'

/** A database of one benchmark. */
export interface BenchDatabase {
  url: string
  pool: pg.Pool
  close(): Promise<void>
}

/** Creates the database anew. `template`: the name of one that it becomes a copy of. */
export async function createDatabase(server: string, name: string, template = 'template1'): Promise<BenchDatabase> {
  await onServer(server, `drop database if exists ${name} with (force)`)
  await onServer(server, `create database ${name} template ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href, max: 10 })
  pool.on('error', () => {}) // connections that are idle at the end are cut by the drop
  return {
    url: url.href,
    pool,
    async close() {
      await pool.end()
      await onServer(server, `drop database if exists ${name} with (force)`)
    },
  }
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
