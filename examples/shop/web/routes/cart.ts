import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Address, hrefOf } from '../address.ts'
import type { WebContext } from '../context.ts'
import { backInput, idInput, parsed, quantityInput, readingSchema, targetInput, targetKinds } from '../input.ts'
import { addToCart, openCart } from '../open-cart.ts'
import { ownOrder } from '../own-order.ts'
import { sendPage } from '../page.ts'
import { customerOf, customerOrSignIn } from '../session.ts'

const newLine = z.object({
  product: idInput,
  quantity: quantityInput.min(1).default(1),
  target: targetInput,
  back: backInput,
})
/** The version of the cart that the page showed: a line may have become another one since. */
const changedLine = z.object({ cart: idInput, version: idInput, quantity: quantityInput, target: targetInput })
const linePath = z.object({ place: idInput })

/** The cart. It is an order that is still open, and read from the write model: nobody else has to see it. */
export function cartRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/cart', async (request, reply) => {
    const customer = await customerOrSignIn(request, reply, web.shop, '/cart')
    if (!customer) return reply
    const { target, after } = parsed(readingSchema, request.query)
    const cart = await openCart(web.shop, customer.id)
    const address = new Address('/cart', { target, after })
    const kinds = targetKinds.filter((kind) => web.trifold.targets.includes(`order_summary@${kind}`))
    return sendPage(web, request, reply, 'cart', { title: 'Cart', address, cart, target, kinds })
  })

  app.post('/cart/lines', (request, reply) => addLine(web, request, reply))

  app.post('/cart/lines/:place', async (request, reply) => {
    const customer = await customerOrSignIn(request, reply, web.shop, '/cart')
    if (!customer) return reply
    const { place } = parsed(linePath, request.params)
    const { cart, version, quantity, target } = parsed(changedLine, request.body)
    await ownOrder(web.shop, customer.id, cart)
    await web.shop.changeQuantity(cart, place, quantity, new Date(), version)
    return reply.redirect(hrefOf('/cart', { target }), 303)
  })
}

/** Who is not signed in yet does so first, and takes the line along. */
async function addLine(web: WebContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { product, quantity, target, back } = parsed(newLine, request.body)
  const customer = await customerOf(request, web.shop)
  if (!customer) return reply.redirect(hrefOf('/sign-in', { back, product, quantity, target }), 303)
  await addToCart(web.shop, customer.id, { productId: product, quantity })
  return reply.redirect(hrefOf('/cart', { target }), 303)
}
