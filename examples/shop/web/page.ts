import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Customer } from '../entities/customer.ts'
import type { Address } from './address.ts'
import { assets } from './assets.ts'
import type { WebContext } from './context.ts'
import { format } from './format.ts'
import type { ReadingFacts } from './reading.ts'
import { customerOf } from './session.ts'

/** What every page has, beside what it alone shows. */
export interface Page {
  title: string
  address: Address
  reading?: ReadingFacts
  [data: string]: unknown
}

const eta = new Eta({ views: fileURLToPath(new URL('./pages', import.meta.url)), cache: true, autoEscape: true })

/**
 * Sends a page. Values are escaped by the templates. The status is that of the worst notice.
 *
 * @param name of a file in `pages/`, without its ending
 */
export async function sendPage(
  web: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  page: Page,
): Promise<FastifyReply> {
  const customer = await customerOf(request, web.shop)
  const status = Math.max(200, ...(page.reading?.notices.map((notice) => notice.status) ?? []))
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(render(name, { ...page, customer, worker: web.worker }))
}

/** A page that needs no database: it may be the one that says that there is none. */
export const problemPage = (title: string, message: string, address: Address, back: string | undefined): string =>
  render('problem', { title, message, address, back, problem: true })

const render = (name: string, data: Page & { customer?: Customer | undefined }): string =>
  eta.render(`./${name}`, { ...data, format, assets })
