import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Customer } from '../../entities/customer.ts'
import { Address, hrefOf } from '../address.ts'
import type { WebContext } from '../context.ts'
import { backInput, idInput, parsed, quantityInput, targetInput } from '../input.ts'
import { addToCart } from '../open-cart.ts'
import { sendPage } from '../page.ts'
import { PageError } from '../page-error.ts'
import { signIn, signOut } from '../session.ts'

/** Where to go afterwards, and what to put into the cart before. */
const question = z.object({
  back: backInput,
  product: idInput.optional(),
  quantity: quantityInput.min(1).default(1),
  target: targetInput,
})
const choice = question.extend({ customer: idInput })
const mostShown = 200

/** Choosing for whom to shop. There is no password: the shop is an example. */
export function signInRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/sign-in', async (request, reply) => {
    const asked = parsed(question, request.query)
    const em = web.shop.orm.em.fork()
    const customers = await em.find(Customer, {}, { orderBy: { name: 'asc', id: 'asc' }, limit: mostShown })
    return sendPage(web, request, reply, 'sign-in', {
      title: 'Sign in',
      address: new Address('/sign-in', asked),
      customers,
    })
  })

  app.post('/sign-in', async (request, reply) => {
    const { customer, back, product, quantity, target } = parsed(choice, request.body)
    const found = await web.shop.orm.em.fork().findOne(Customer, { id: customer })
    if (!found) throw new PageError(404, 'There is no such customer', 'Choose one from the list.')
    signIn(reply, found.id)
    if (product === undefined) return reply.redirect(back, 303)
    await addToCart(web.shop, found.id, { productId: product, quantity })
    return reply.redirect(hrefOf('/cart', { target }), 303)
  })

  app.post('/sign-out', async (_request, reply) => signOut(reply).redirect('/products', 303))
}
