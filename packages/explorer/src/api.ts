import type { Problem, ReadModelEntry } from '@trifold/http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Found, Summary } from 'trifold'

/** An answer of the API that is no answer to what was asked. */
export class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** What the requests to the API look like. */
export type Asked = Readonly<Record<string, unknown>>

/**
 * Asks the API for the sender of a request, as the sender would: with its key, and with nothing else. So a page shows what
 * the API gives this key, and there is no way past its roles.
 */
export class Api {
  private readonly app: FastifyInstance
  private readonly address: string
  private readonly headers: Record<string, string>

  constructor(app: FastifyInstance, address: string, headers: Record<string, string>) {
    this.app = app
    this.address = address
    this.headers = headers
  }

  /** @param address the prefix of the API in the application */
  static for(app: FastifyInstance, address: string, { headers }: FastifyRequest): Api {
    const passed = ['authorization', 'cookie', 'trifold-token'] as const
    const given = passed.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []))
    return new Api(app, address, Object.fromEntries(given))
  }

  /** The same with a key. */
  as(key: string): Api {
    return new Api(this.app, this.address, { authorization: `Bearer ${key}` })
  }

  /** Why its key is refused; undefined if it is known. @throws Refusal */
  async refusal(): Promise<string | undefined> {
    try {
      await this.readModels()
      return undefined
    } catch (error) {
      if (error instanceof Refusal && error.problem.status === 401) return 'This key is not known.'
      throw error
    }
  }

  /** @throws Refusal */
  async readModels(): Promise<ReadModelEntry[]> {
    const { readModels } = await this.ask<{ readModels: ReadModelEntry[] }>('/read-models')
    return readModels
  }

  /** @throws Refusal */
  readModel(name: string): Promise<ReadModelEntry> {
    return this.ask(pathOf(name))
  }

  /** @throws Refusal */
  find(name: string, asked: Asked): Promise<Found> {
    return this.ask(`${pathOf(name)}/find`, asked)
  }

  /** @throws Refusal */
  summarize(name: string, asked: Asked): Promise<Summary> {
    return this.ask(`${pathOf(name)}/summarize`, asked)
  }

  /** The address at which a browser asks the same. */
  linkTo(name: string, kind: 'suggest' | 'export', parameters: Record<string, string> = {}): string {
    const text = new URLSearchParams(parameters).toString()
    return `${this.address}${pathOf(name)}/${kind}${text && `?${text}`}`
  }

  private async ask<Answer>(path: string, asked?: Asked): Promise<Answer> {
    const { statusCode, payload } = await this.app.inject({
      method: asked ? 'POST' : 'GET',
      url: this.address + path,
      headers: { ...this.headers, ...(asked && { 'content-type': 'application/json' }) },
      ...(asked && { payload: JSON.stringify(asked) }),
    })
    const answer = JSON.parse(payload)
    if (statusCode !== 200) throw new Refusal(answer as Problem)
    return answer as Answer
  }
}

const pathOf = (name: string): string => `/read-models/${encodeURIComponent(name)}`
