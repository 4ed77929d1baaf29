import { promisify } from 'node:util'
import { unzip } from 'node:zlib'
import { type ApiResponse, errors } from '@opensearch-project/opensearch'
import { parseExactly } from './exact-json.ts'
import { searchError } from './search-error.ts'

/**
 * The body of an answer as it came, for who reads it without parsing all of it.
 *
 * @param request made with `asStream`
 * @throws SEARCH_UNREACHABLE, SEARCH_FAILED
 */
export async function rawAnswer(doing: string, request: PromiseLike<ApiResponse>): Promise<Buffer> {
  try {
    const answer = await request
    const body = await bodyOf(answer)
    if ((answer.statusCode ?? 0) < 400) return body
    throw new errors.ResponseError({ ...answer, body: parseExactly(body.toString()) as never })
  } catch (error) {
    throw searchError(error, doing)
  }
}

async function bodyOf({ body, headers, meta }: ApiResponse): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body as unknown as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch (error) {
    throw new errors.ConnectionError((error as Error).message, { body, headers, meta } as never)
  }
  const bytes = Buffer.concat(chunks)
  return headers?.['content-encoding'] ? promisify<Buffer, Buffer>(unzip)(bytes) : bytes
}
