import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TrifoldError } from '../../src/errors.ts'
import { Retries } from '../../src/schedule/retry.ts'
import { type CauseStand, createCauseStand } from '../operator/cause-stand.ts'
import { until } from '../support/until.ts'

const failed = (code: string) => new TrifoldError('REFRESH_FAILED', 'view: failed', { cause: { code } })

describe('whether a refresh that failed is tried again before its next regular run', () => {
  const retriesAfter = (states: string[], random = 0.5) => {
    const retries = new Retries()
    return states.map((state) => retries.after(failed(state), random))
  }

  it.each(['55P03', '40P01', '40001', '08006', '57P01', '53300'])('is soon after %s, with growing pauses', (state) => {
    const pauses = retriesAfter(Array.from({ length: 20 }, () => state))
    expect(pauses.slice(0, 4).map((retry) => retry?.after)).toEqual([1_000, 2_000, 4_000, 8_000])
    expect(pauses.at(-1)).toEqual({ after: 60_000, keepsRegularRuns: false })
  })

  it('is late after a full disk, and regular runs wait too', () => {
    const pauses = retriesAfter(Array.from({ length: 9 }, () => '53100'))
    expect(pauses[0]).toEqual({ after: 15_000, keepsRegularRuns: true })
    expect(pauses.at(-1)?.after).toBe(900_000)
  })

  it('begins with the first pause after a failure of another kind', () => {
    const pauses = retriesAfter(['08006', '57P01', '53100', '53100', '08006'])
    expect(pauses.map((retry) => retry?.after)).toEqual([1_000, 2_000, 15_000, 30_000, 1_000])
  })

  it('varies by a quarter', () => {
    expect(retriesAfter(['55P03'], 0)[0]?.after).toBe(750)
    expect(retriesAfter(['55P03'], 1)[0]?.after).toBe(1_250)
  })

  it('knows a connection that the driver has lost', () => {
    const lost = new TrifoldError('REFRESH_FAILED', 'view: failed', { cause: new Error('Connection terminated') })
    expect(new Retries().after(lost, 0.5)?.after).toBe(1_000)
  })

  it.each(['42P01', '42703', '22012', '57014', '23505'])('is not after %s', (state) => {
    expect(retriesAfter([state])).toEqual([undefined])
  })
})

describe('a refresh that fails', () => {
  let stand: CauseStand
  beforeAll(async () => {
    stand = await createCauseStand('9s')
    await stand.whenGreen()
  })
  afterAll(() => stand?.close())

  const attempts = async (state: string) => {
    const { rows } = await stand.project.database.pool.query(
      'select attempt from trifold.refreshes where sqlstate = $1 order by started_at',
      [state],
    )
    return rows.map(({ attempt }) => attempt as number)
  }

  it('is yellow and tried again soon if that may help, and its attempts are in the history', async () => {
    await stand.dial({ errcode: '40P01' })
    await until('it is tried again', async () => (await attempts('40P01')).includes(2))
    await stand.dial({})
    const { rows } = await stand.project.database.pool.query('select attempt, next_at from trifold.troubles')
    expect(rows[0]).toMatchObject({ attempt: expect.any(Number), next_at: expect.any(Date) })
    await stand.whenGreen()
  })

  it('is red and waits for its next regular run if it would fail again', async () => {
    await stand.dial({ errcode: '42703' })
    await until('it has failed', async () => (await attempts('42703')).length > 1)
    expect(await stand.look()).toMatchObject({ verdict: 'red', cause: { kind: 'failing', sqlState: '42703' } })
    expect(await attempts('42703')).not.toContain(2)
    await stand.dial({})
  })
})
