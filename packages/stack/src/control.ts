import { connect } from 'node:net'
import type { SupervisorReport } from './supervisor-protocol.ts'

/**
 * Says one word to the supervisor at this socket and returns its report, or `undefined` when nobody answers in time.
 * `status` is answered at once, `stop` when the engines have ended and their folders are gone.
 */
export function askSupervisor(
  socket: string,
  word: 'status' | 'stop',
  timeoutMs: number,
): Promise<SupervisorReport | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const connection = connect(socket, () => connection.write(`${word}\n`))
    connection.setTimeout(timeoutMs, () => connection.destroy())
    connection.on('data', (data) => {
      said += data
    })
    connection.on('error', () => resolve(undefined))
    connection.on('close', () => resolve(said.endsWith('\n') ? (JSON.parse(said) as SupervisorReport) : undefined))
  })
}
