import type { FastifyInstance } from 'fastify'
import type { Find, RowOf, Suggestion, Summary, Where } from 'trifold'
import { z } from 'zod'
import type { WebContext } from '../context.ts'
import { cursorInput, parsed, readingInput, severalInput, textInput, waits } from '../input.ts'
import { sendPage } from '../page.ts'
import { askedOf, type Fresh, read } from '../reading.ts'
import { unlessSilent } from '../silence.ts'

type Product = RowOf<'product_search'>

/** Without one of these the best come first: those that match best, or else those that sell best. */
const sorts = ['-units_sold', 'name', 'price_cents', '-price_cents'] as const

const priceInput = z.coerce.number().min(0).max(1_000_000).optional()

const input = z.object({
  ...readingInput,
  ...cursorInput,
  q: z.string().trim().max(100).optional(),
  /** Typos are forgiven unless this says `exact`. */
  words: z.enum(['exact']).optional(),
  /** Any of these. */
  category: severalInput,
  /** Pounds. */
  least: priceInput,
  most: priceInput,
  country: textInput.optional(),
  sort: z.enum(sorts).optional(),
})
type Input = z.infer<typeof input>

const pageSize = 12
const mostGroups = 12

/** The products: words, facets, an order, page by page. */
export function productsRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/products', async (request, reply) => {
    const params = parsed(input, request.query)
    const asked = askedOf(web, '/products', 'product_search', ['search'], params)
    const { result, ...reading } = await read(web, asked, (fresh) => search(web, params, fresh))
    return sendPage(web, request, reply, 'products', {
      title: 'Products',
      address: asked.address,
      reading,
      params,
      narrowed: params.q !== undefined || Object.keys(whereOf(params)).length > 0,
      sorts,
      result,
    })
  })

  app.get('/products/suggestions', async (request) => {
    const { q } = parsed(input.pick({ q: true }), request.query)
    return q ? suggestions(web, q) : []
  })
}

/** None if the target with full text is not here, or does not answer: a field without them is as good as before. */
async function suggestions({ trifold }: WebContext, text: string): Promise<Suggestion[]> {
  if (!trifold.targets.includes('product_search@search')) return []
  const asking = trifold.readModel('product_search').suggest({ from: 'search', text, limit: 8 })
  const asked = await unlessSilent(asking, waits.answer).catch(() => undefined)
  return asked?.suggestions ?? []
}

/** One page of products, how many there are in all, and how many there would be under each value of a facet. */
async function search({ trifold }: WebContext, params: Input, fresh: Fresh) {
  const model = trifold.readModel('product_search')
  const from = fresh.from as 'search' // the address decides; a target without full text refuses `text`, and the page says so
  const { rows, highlights, cursor, waited } = await model.find({ ...findOf(params), ...fresh, from })
  const text = textOf(params)
  const facet = (group: 'category' | 'countries', without: Partial<Input>) =>
    model.summarize({ from, ...text, where: whereOf({ ...params, ...without }), group, limit: mostGroups })
  const [all, categories, countries] = await Promise.all([
    model.summarize({ from, ...text, where: whereOf(params) }),
    facet('category', { category: [] }),
    facet('countries', { country: undefined }),
  ])
  const products = rows.map((row, place) => ({ ...row, highlights: highlights?.[place] ?? {} }))
  return {
    products,
    cursor,
    ...(waited !== undefined && { waited }),
    count: all.groups[0]?.count ?? 0,
    categories: shown(categories),
    countries: shown(countries),
  }
}

/** The groups of a facet, and whether there may be more than these. */
const shown = ({ groups, more }: Summary<Product, 'category' | 'countries', never, never>) => ({ groups, more })

function findOf(params: Input): Find<Product> {
  const { q, cursor } = params
  const sort = params.sort ?? (q ? undefined : ('-units_sold' as const))
  return {
    where: whereOf(params),
    ...textOf(params),
    ...(q && { highlight: true }),
    ...(sort && { sort }),
    ...(cursor && { cursor }),
    limit: pageSize,
  }
}

const textOf = ({ q, words }: Input) =>
  q ? { text: { query: q, typos: words !== 'exact', prefix: words !== 'exact' } } : {}

const whereOf = ({ category, least, most, country }: Input): Where<Product> => ({
  ...(category.length > 0 && { category: { in: category } }),
  ...((least !== undefined || most !== undefined) && { price_cents: priceOf(least, most) }),
  ...(country && { countries: { has: country } }),
})

const priceOf = (least: number | undefined, most: number | undefined) => ({
  ...(least !== undefined && { gte: Math.round(least * 100) }),
  ...(most !== undefined && { lte: Math.round(most * 100) }),
})
