import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { parquetMetadata } from 'hyparquet'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { ApiStand } from './stand.ts'

const count = 30_000

describeWithSearch('An export that is larger than any buffer', () => {
  let stand: ApiStand
  let address: string

  beforeAll(async () => {
    stand = await ApiStand.open([])
    await stand.database.pool.query(
      `insert into public.things (region, id, status, changed_at, name)
      select 'north', id, 'new', now(), repeat('x', 500)
      from generate_series(1, ${count}) as id`,
    )
    await stand.trifold.admin.refresh('things@view')
    address = await stand.listen({ access: 'open' })
  })
  afterAll(() => stand?.close())

  /** An export whose first bytes have arrived. */
  async function begun(format: string, from = address): Promise<IncomingMessage> {
    const request = JSON.stringify({ from: 'view' })
    const asking = get(`${from}/read-models/things/export?format=${format}&request=${encodeURIComponent(request)}`)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    await once(response, 'readable')
    return response
  }

  /** The lines that arrive until the end. @throws if the connection breaks */
  async function linesOf(response: IncomingMessage): Promise<number> {
    let lines = 0
    for await (const chunk of response) for (const byte of chunk as Buffer) if (byte === 10) lines += 1
    return lines
  }

  const sessions = async () => {
    const { rows } = await stand.database.pool.query(
      `select pid
      from pg_stat_activity
      where datname = current_database()
        and application_name like '%export things@view%'`,
    )
    return rows.map(({ pid }) => pid as number)
  }

  it.each([
    ['csv', count + 1],
    ['ndjson', count],
  ])('arrives whole as %s, with the number of its rows behind it', async (format, lines) => {
    const response = await begun(format)
    expect(await linesOf(response)).toBe(lines)
    expect(response.headers.trailer).toBe('trifold-rows')
    expect(response.trailers['trifold-rows']).toBe(String(count))
    await until('the end of its session', async () => (await sessions()).length === 0)
  })

  it('arrives whole as Parquet', async () => {
    const response = await begun('parquet')
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    const { num_rows, key_value_metadata } = parquetMetadata(new Uint8Array(Buffer.concat(parts)).buffer)
    expect(response.headers['content-type']).toBe('application/vnd.apache.parquet')
    expect([num_rows, response.trailers['trifold-rows']]).toEqual([BigInt(count), String(count)])
    expect(key_value_metadata).toContainEqual({ key: 'trifold.asOf', value: response.headers['trifold-as-of'] })
  })

  it('breaks the connection if it cannot be completed, so that nobody takes a part for the whole', async () => {
    const response = await begun('csv')
    const [pid] = await sessions()
    await stand.database.pool.query('select pg_terminate_backend($1)', [pid])
    await expect(linesOf(response)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(response.complete).toBe(false)
    expect(response.trailers).toEqual({})
  })

  it('ends its transaction if the client goes away', async () => {
    const response = await begun('csv')
    expect(await sessions()).toHaveLength(1)
    response.destroy()
    await until('the end of its session', async () => (await sessions()).length === 0)
    expect(await linesOf(await begun('ndjson'))).toBe(count)
  })

  it('breaks the connection of a client that reads nothing, and ends its transaction', async () => {
    const response = await begun('csv', await stand.listen({ access: 'open', limits: { idle: '200ms' } }))
    await until('the end of its session', async () => (await sessions()).length === 0)
    await expect(linesOf(response)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
