import type { ClientRequest, IncomingMessage } from 'node:http'
import { Connection } from '@opensearch-project/opensearch'

type ConnectionRequest = Parameters<Connection['request']>[0]
type Answered = (error: Error | null, response: IncomingMessage | null) => void

/**
 * The client's connection forgets its timeout once the head of an answer has arrived, and prints to the console where
 * a connection breaks after that. Here a body that stalls breaks the request as well, and nothing is printed: the
 * answer's own error reports it.
 */
export class SearchConnection extends Connection {
  override request(params: ConnectionRequest, answered: Answered): ClientRequest {
    const request = super.request(params, (error, response) => {
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
