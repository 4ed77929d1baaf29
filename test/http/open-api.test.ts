import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomThings } from '../query/catalog.ts'
import { someFind } from '../query/finds.ts'
import { anyMutation, type Mutation } from '../query/mutations.ts'
import { someSummarize } from '../query/summaries.ts'
import { fewOrMany } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { ApiStand, thingStores } from './stand.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 2 ** 31)
const options = (few: number, many: number) => ({ seed, numRuns: fewOrMany(few, many), endOnFailure: true })

describeWithSearch(`The OpenAPI document (seed ${seed})`, () => {
  let stand: ApiStand
  let api: Awaited<ReturnType<ApiStand['serve']>>
  // biome-ignore lint/suspicious/noExplicitAny: it is looked into
  let document: any
  let fits: (schema: string, value: unknown) => string | undefined

  beforeAll(async () => {
    process.stderr.write(`test/http/open-api: TRIFOLD_TEST_SEED=${seed}\n`)
    stand = await ApiStand.open(randomThings(seed, 100))
    api = await stand.serve({ access: 'open' })
    document = (await api('/openapi.json')).json
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema(document, 'api')
    fits = (schema, value) => {
      const validate = ajv.getSchema(`api#/components/schemas/${schema}`)!
      return validate(value) ? undefined : ajv.errorsText(validate.errors)
    }
  })
  afterAll(() => stand?.close())

  it('describes every route of the read model, and refers to schemas that are there', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api' }] })
    expect(document).not.toHaveProperty('security')
    expect(Object.keys(document.paths)).toEqual([
      '/read-models',
      '/openapi.json',
      '/read-models/things',
      '/read-models/things/find',
      '/read-models/things/summarize',
      '/read-models/things/suggest',
      '/read-models/things/export',
    ])
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
    for (const [, name] of refs) expect(document.components.schemas).toHaveProperty([name as string])
  })

  it('takes the requests that the library takes, and describes the answers', async () => {
    const kinds = { find: [someFind, 'found'], summarize: [someSummarize, 'summary'] } as const
    for (const [kind, [request, answer]] of Object.entries(kinds)) {
      const check = async (asked: object, from: string) => {
        const body = JSON.parse(JSON.stringify({ ...asked, from }))
        expect(fits(`things.${kind}`, body)).toBeUndefined()
        const { status, json } = await api(`/read-models/things/${kind}`, { body })
        expect([status, fits(`things.${answer}`, json)]).toEqual([200, undefined])
      }
      const stores = fc.constantFrom(...thingStores)
      await fc.assert(fc.asyncProperty(request as fc.Arbitrary<object>, stores, check), options(10, 200))
    }
    const { json: entries } = await api('/read-models')
    expect(fits('readModel', entries.readModels[0])).toBeUndefined()
    const asked = { text: 'pa', from: 'search' }
    expect(fits('things.suggest', asked)).toBeUndefined()
    const { json: suggested } = await api('/read-models/things/suggest', { body: asked })
    expect(fits('things.suggestions', suggested)).toBeUndefined()
    const typo = { text: { query: 'piad', typos: false }, from: 'search' }
    const { json: corrected } = await api('/read-models/things/find', { body: typo })
    expect([corrected.didYouMean?.text, fits('things.found', corrected)]).toEqual(['paid', undefined])
    const { json: problem } = await api('/read-models/things/find', { body: { limit: 0 } })
    expect(fits('problem', problem)).toBeUndefined()
  })

  it('refuses nothing that the library takes', async () => {
    let [taken, refused] = [0, 0]
    const compare = async (kind: string, request: unknown) => {
      const asked = jsonOf(request)
      if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return
      const body = { ...asked, from: 'table' }
      const { status, json } = await api(`/read-models/things/${kind}`, { body })
      const fault = fits(`things.${kind}`, body)
      if (status === 200) expect(fault, JSON.stringify(body)).toBeUndefined()
      else expect(fits('problem', json)).toBeUndefined()
      taken += Number(status === 200)
      refused += Number(fault !== undefined)
    }
    const check = async ({ kind, without, request }: Mutation) => {
      await compare(kind, without)
      await compare(kind, request)
    }
    await fc.assert(fc.asyncProperty(anyMutation, check), options(60, 2_000))
    expect(Math.min(taken, refused)).toBeGreaterThan(3)
  })
})

/** What arrives of a value; undefined if it has no JSON. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch {
    return undefined
  }
}
