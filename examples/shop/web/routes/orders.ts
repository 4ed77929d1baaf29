import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { hrefOf } from '../address.ts'
import type { WebContext } from '../context.ts'
import { cursorInput, idInput, parsed, readingInput, targetKinds } from '../input.ts'
import { ownOrder } from '../own-order.ts'
import { sendPage } from '../page.ts'
import { askedOf, read } from '../reading.ts'
import { customerOrSignIn } from '../session.ts'

const input = z.object({
  ...readingInput,
  ...cursorInput,
  /** The order that was placed just now. */
  placed: idInput.optional(),
})
const placing = z.object({ cart: idInput, version: idInput, target: z.enum(targetKinds).optional() })

const pageSize = 8

/** The orders of the customer, from a target; and placing one, through the ORM. */
export function ordersRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/orders', async (request, reply) => {
    const customer = await customerOrSignIn(request, reply, web.shop, request.url)
    if (!customer) return reply
    const params = parsed(input, request.query)
    const asked = askedOf(web, '/orders', 'order_summary', [], params)
    const where = { customer_id: customer.id, status: { ne: 'cart' } }
    const page = { limit: pageSize, ...(params.cursor && { cursor: params.cursor }) }
    const { result, ...reading } = await read(web, asked, (fresh) =>
      web.trifold.readModel('order_summary').find({ where, sort: '-last_update', ...page, ...fresh }),
    )
    return sendPage(web, request, reply, 'orders', {
      title: 'My orders',
      address: asked.address,
      reading,
      params,
      result,
    })
  })

  // The commit token goes along, so that the next page can ask to see the order.
  app.post('/orders', async (request, reply) => {
    const customer = await customerOrSignIn(request, reply, web.shop, '/cart')
    if (!customer) return reply
    const { cart, version, target } = parsed(placing, request.body)
    await ownOrder(web.shop, customer.id, cart)
    const { id, commit } = await web.shop.confirmOrder(cart, new Date(), version)
    return reply.redirect(hrefOf('/orders', { target, after: commit, placed: id }), 303)
  })
}
