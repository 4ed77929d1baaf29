import { connect } from 'node:net'
import type { KeeperReport } from './keeper-protocol.ts'

/**
 * Says one word to the keeper at this socket and returns its report, or `undefined` when nobody answers in time.
 * `status` is answered at once, `stop` when the engines have ended and their folders are gone.
 */
export function askKeeper(
  socket: string,
  word: 'status' | 'stop',
  timeoutMs: number,
): Promise<KeeperReport | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const connection = connect(socket, () => connection.write(`${word}\n`))
    connection.setTimeout(timeoutMs, () => connection.destroy())
    connection.on('data', (data) => {
      said += data
    })
    connection.on('error', () => resolve(undefined))
    connection.on('close', () => resolve(said.endsWith('\n') ? (JSON.parse(said) as KeeperReport) : undefined))
  })
}
