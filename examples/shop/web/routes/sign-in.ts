import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Customer } from '../../entities/customer.ts'
import { Address } from '../address.ts'
import type { WebContext } from '../context.ts'
import { backInput, idInput, parsed } from '../input.ts'
import { sendPage } from '../page.ts'
import { PageError } from '../page-error.ts'
import { signIn, signOut } from '../session.ts'

const question = z.object({ back: backInput })
const choice = z.object({ customer: idInput, back: backInput })
const mostShown = 200

/** Choosing for whom to shop. There is no password: the shop is an example. */
export function signInRoutes(app: FastifyInstance, web: WebContext): void {
  app.get('/sign-in', async (request, reply) => {
    const { back } = parsed(question, request.query)
    const em = web.shop.orm.em.fork()
    const customers = await em.find(Customer, {}, { orderBy: { name: 'asc', id: 'asc' }, limit: mostShown })
    return sendPage(web, request, reply, 'sign-in', {
      title: 'Sign in',
      address: new Address('/sign-in', { back }),
      customers,
      back,
    })
  })

  app.post('/sign-in', async (request, reply) => {
    const { customer, back } = parsed(choice, request.body)
    const found = await web.shop.orm.em.fork().findOne(Customer, { id: customer })
    if (!found) throw new PageError(404, 'There is no such customer', 'Choose one from the list.')
    return signIn(reply, found.id).redirect(back, 303)
  })

  app.post('/sign-out', async (_request, reply) => signOut(reply).redirect('/products', 303))
}
