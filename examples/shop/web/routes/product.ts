import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Product } from '../../entities/product.ts'
import type { WebContext } from '../context.ts'
import { idInput, parsed, readingSchema } from '../input.ts'
import { sendPage } from '../page.ts'
import { PageError } from '../page-error.ts'
import { askedOf, read } from '../reading.ts'

const path = z.object({ id: idInput })

/** One product: what is sold of it from a target, what is in stock from the write model. */
export function productRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/products/:id', async (request, reply) => {
    const { id } = parsed(path, request.params)
    const product = await web.shop.orm.em.fork().findOne(Product, { id })
    if (!product) throw new PageError(404, 'There is no such product', 'It was never on sale here.')
    const params = parsed(readingSchema, request.query)
    const asked = askedOf(web, `/products/${id}`, 'product_search', ['search'], params)
    const { result, ...reading } = await read(web, asked, (fresh) =>
      web.trifold.readModel('product_search').find({ where: { product_id: id }, ...fresh }),
    )
    const row = result?.rows[0]
    return sendPage(web, request, reply, 'product', {
      title: product.name,
      address: asked.address,
      reading,
      product,
      row,
    })
  })
}
