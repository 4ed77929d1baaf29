/** Set in the process that runs the worker. */
export const childMark = 'TRIFOLD_WORKER_CHILD'

/** Whether this process is a worker that `keepWorker` started. */
export const isWorkerChild = (): boolean => process.env[childMark] !== undefined && process.send !== undefined

/** Says to the parent that the command has come to its own end; a process that ends without it is started again. */
export async function endChild(): Promise<void> {
  await new Promise((resolve) => process.send?.('ended', resolve))
  process.disconnect()
}
