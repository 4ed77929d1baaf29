import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type OrderStatus, statusLabel } from '../../entities/order-status.ts'
import { hrefOf } from '../address.ts'
import type { WebContext } from '../context.ts'
import { idInput, parsed, readingSchema, targetKinds } from '../input.ts'
import { ownOrder } from '../own-order.ts'
import { sendPage } from '../page.ts'
import { askedOf, read } from '../reading.ts'
import { customerOrSignIn } from '../session.ts'

const actions: Partial<Record<OrderStatus, string[]>> = { confirmed: ['pay', 'cancel'], paid: ['cancel'] }

const path = z.object({ id: idInput })
const actionPath = z.object({ id: idInput, action: z.enum(['pay', 'cancel']) })
/** The version that the page showed: the command is refused where the order has changed since. */
const seen = z.object({ version: idInput, target: z.enum(targetKinds).optional() })

/** One order: the write model's truth beside what a target says of it; paying and cancelling. */
export function orderRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/orders/:id', async (request, reply) => {
    const customer = await customerOrSignIn(request, reply, web.shop, request.url)
    if (!customer) return reply
    const { id } = parsed(path, request.params)
    const params = parsed(readingSchema, request.query)
    const order = await ownOrder(web.shop, customer.id, id)
    const asked = askedOf(web, `/orders/${id}`, 'order_summary', [], params)
    const { result, ...reading } = await read(web, asked, (fresh) =>
      web.trifold.readModel('order_summary').find({ where: { order_id: id }, ...fresh }),
    )
    return sendPage(web, request, reply, 'order', {
      title: `Order ${order.number}`,
      address: asked.address,
      reading,
      order,
      statusLabel: statusLabel(order.status),
      actions: actions[order.status] ?? [],
      row: result?.rows[0],
    })
  })

  app.post('/orders/:id/:action', async (request, reply) => {
    const { id, action } = parsed(actionPath, request.params)
    const customer = await customerOrSignIn(request, reply, web.shop, `/orders/${id}`)
    if (!customer) return reply
    const { version, target } = parsed(seen, request.body)
    await ownOrder(web.shop, customer.id, id)
    const command = action === 'pay' ? web.shop.payOrder : web.shop.cancelOrder
    const { commit } = await command(id, new Date(), version)
    return reply.redirect(hrefOf(`/orders/${id}`, { target, after: commit }), 303)
  })
}
