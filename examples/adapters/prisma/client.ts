// In a project of yours `prisma generate` writes the client, with all its types. This one is made by hand from the same parts
// (@prisma/client 7.10) and has the types of what the example uses, so that Prisma's command line (300 MB, an engine to
// download) need not be installed here.

import { createRequire } from 'node:module'
import { type GetPrismaClientConfig, getPrismaClient, type ITXClientDenyList } from '@prisma/client/runtime/client'

const schema = `
  generator client {
    provider = "prisma-client"
  }
  datasource db {
    provider = "postgresql"
  }
  model Order {
    id       Int    @id
    customer String
    @@map("orders")
  }`

export interface PrismaClient {
  order: { create(args: { data: { id: number; customer: string } }): Promise<unknown> }
  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): Promise<T>
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>
  $transaction<R>(work: (tx: Omit<PrismaClient, ITXClientDenyList>) => Promise<R>): Promise<R>
  $extends(extension: { model: Record<string, Record<string, () => unknown>> }): PrismaClient
  $disconnect(): Promise<void>
}

interface Options {
  adapter: object
  transactionOptions?: { maxWait?: number; timeout?: number }
}

const require = createRequire(import.meta.url)
const compiler = '@prisma/client/runtime/query_compiler_small_bg.postgresql'

const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Buffer) => object } }

const config = {
  previewFeatures: [],
  clientVersion: '7.10.0',
  engineVersion: 'none',
  activeProvider: 'postgresql',
  inlineSchema: schema,
  runtimeDataModel: {
    models: {
      Order: {
        fields: [
          { name: 'id', kind: 'scalar', type: 'Int' },
          { name: 'customer', kind: 'scalar', type: 'String' },
        ],
        dbName: 'orders',
        schema: null,
      },
    },
    enums: {},
    types: {},
  },
  // Which arguments become parameters of the compiled query: none is known, so all stand in it.
  parameterizationSchema: { strings: [], graph: Buffer.alloc(16).toString('base64') },
  compilerWasm: {
    getRuntime: async () => require(`${compiler}.js`),
    async getQueryCompilerWasmModule() {
      const { wasm } = require(`${compiler}.wasm-base64.js`)
      return new WebAssembly.Module(Buffer.from(wasm, 'base64'))
    },
    importName: './query_compiler_small_bg.js',
  },
}

export const PrismaClient = getPrismaClient(config as unknown as GetPrismaClientConfig) as unknown as new (
  options: Options,
) => PrismaClient
