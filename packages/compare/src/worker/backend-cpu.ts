import { readFile } from 'node:fs/promises'

/** Of USER_HZ in /proc, which is 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100

/**
 * Milliseconds of CPU that a PostgreSQL backend has used, by Linux's /proc: nanoseconds of `schedstat`, else the ticks of
 * `stat`. Undefined if no backend of PostgreSQL has that process id on this machine.
 *
 * @param port our end of its TCP connection, which PostgreSQL writes into the title of the process
 */
export async function backendCpu(pid: number, port: number | undefined): Promise<number | undefined> {
  const title = await readText(`/proc/${pid}/cmdline`)
  const peer = port === undefined ? '[local]' : `(${port})`
  if (!title?.startsWith('postgres:') || !title.includes(peer)) return undefined
  const [nanoseconds] = (await readText(`/proc/${pid}/schedstat`))?.split(' ') ?? []
  if (nanoseconds) return Number(nanoseconds) / 1e6
  const stat = await readText(`/proc/${pid}/stat`)
  if (!stat) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
}

const readText = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)
