import type { FastifyReply, FastifyRequest } from 'fastify'
import { Customer } from '../entities/customer.ts'
import type { Shop } from '../shop.ts'
import { hrefOf } from './address.ts'

const cookie = 'customer'

/** For whom the browser has signed in; undefined for nobody. */
export async function customerOf(request: FastifyRequest, shop: Shop): Promise<Customer | undefined> {
  const { valid, value } = request.unsignCookie(request.cookies[cookie] ?? '')
  if (!valid || value === null) return undefined
  return (await shop.orm.em.fork().findOne(Customer, { id: Number(value) })) ?? undefined
}

/** The customer, or the way to the page where one is chosen; `back` is where the browser goes then. */
export async function customerOrSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  shop: Shop,
  back: string,
): Promise<Customer | undefined> {
  const customer = await customerOf(request, shop)
  if (!customer) reply.redirect(hrefOf('/sign-in', { back }), 303)
  return customer
}

export const signIn = (reply: FastifyReply, customerId: number): FastifyReply =>
  reply.setCookie(cookie, String(customerId), { path: '/', httpOnly: true, sameSite: 'strict', signed: true })

export const signOut = (reply: FastifyReply): FastifyReply => reply.clearCookie(cookie, { path: '/' })
