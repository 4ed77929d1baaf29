import type pg from 'pg'

/**
 * Cancels from another connection what a session runs, once the signal aborts. A cancel that arrives between two statements
 * does nothing, so it is repeated until the function that is returned is called.
 */
export async function cancelOnAbort(
  pool: pg.Pool,
  client: pg.ClientBase,
  signal: AbortSignal | undefined,
): Promise<() => void> {
  if (!signal) return () => {}
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const cancel = () => pool.query('select pg_cancel_backend($1::integer)', [rows[0].pid]).catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    cancel()
    timer = setInterval(cancel, 200)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    signal.removeEventListener('abort', onAbort)
    clearInterval(timer)
  }
}
