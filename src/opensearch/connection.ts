import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Client, Connection } from '@opensearch-project/opensearch'

type ConnectionRequest = Parameters<Connection['request']>[0]
type Answered = (error: Error | null, response: IncomingMessage | null) => void

/**
 * The client's connections forget their timeout once the head of an answer has arrived, and print to the console if a
 * connection breaks after that. Here a body that stalls breaks the request as well, and nothing is printed: the answer's
 * own error reports it. Connections of any class are watched, also those that sign requests.
 */
export function watchBodies(client: Client): void {
  for (const connection of client.connectionPool.connections) watchConnection(connection)
}

function watchConnection(connection: Connection): void {
  const send = connection.request.bind(connection)
  connection.request = (params: ConnectionRequest, answered: Answered): ClientRequest => {
    const request = send(params, (error, response) => {
      if (response !== null) watchBody(request)
      answered(error, response)
    })
    return request
  }
}

function watchBody(request: ClientRequest): void {
  request.removeAllListeners('error')
  request.on('error', () => {})
  request.on('timeout', () => request.destroy())
}
