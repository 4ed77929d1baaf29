import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import { ShopError } from '../errors.ts'

/** One line of the file as it stands there; quantities of returns are negative. */
export interface RetailLine {
  /** Stock code in capitals: the file writes some both ways. */
  sku: string
  description: string
  quantity: number
  /** Rounded to whole cents. */
  unitPriceCents: number
}

export interface RetailInvoice {
  number: string
  /** The file has no time zone; its times are taken for UTC. */
  at: Date
  /** Null where the shop did not know its customer. */
  customer: string | null
  country: string
  lines: RetailLine[]
}

interface Record {
  InvoiceNo: string
  StockCode: string
  Description: string
  Quantity: string
  InvoiceDate: string
  UnitPrice: string
  CustomerID: string
  Country: string
}

/**
 * Streams the invoices of the "Online Retail" data set (D. Chen, UCI Machine Learning Repository, 2015), a CSV file,
 * compressed if its name ends with `.gz`. Lines that follow each other with the same number are one invoice.
 *
 * @param onRead receives how much of the file has been read, from 0 to 1
 * @throws ShopError FILE_NOT_FOUND
 */
export async function* readInvoices(
  file: string,
  options: { onRead?: (share: number) => void; signal?: AbortSignal } = {},
): AsyncGenerator<RetailInvoice> {
  let invoice: RetailInvoice | undefined
  for await (const record of records(file, options)) {
    if (invoice && invoice.number !== record.InvoiceNo) {
      yield invoice
      invoice = undefined
    }
    invoice ??= invoiceOf(record)
    invoice.lines.push(lineOf(record))
  }
  if (invoice) yield invoice
}

async function* records(
  file: string,
  options: { onRead?: (share: number) => void; signal?: AbortSignal },
): AsyncGenerator<Record> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new ShopError('FILE_NOT_FOUND', `there is no file ${file}; name the one with the invoices`, { cause })
  })
  const source = createReadStream(file)
  const unpack = file.endsWith('.gz') ? createGunzip() : new PassThrough()
  const parser = parse({ columns: true })
  // Errors, an abort too, arrive at the loop below through the last stream.
  pipeline(source, unpack, parser, { signal: options.signal }).catch(() => {})
  source.on('data', () => options.onRead?.(source.bytesRead / found.size))
  yield* parser
}

function invoiceOf(record: Record): RetailInvoice {
  return {
    number: record.InvoiceNo,
    at: new Date(`${record.InvoiceDate.replace(' ', 'T')}Z`),
    customer: record.CustomerID === '' ? null : record.CustomerID.replace(/\.0$/, ''),
    country: record.Country,
    lines: [],
  }
}

function lineOf(record: Record): RetailLine {
  return {
    sku: record.StockCode.trim().toUpperCase(),
    description: record.Description.trim(),
    quantity: Number(record.Quantity),
    unitPriceCents: Math.round(Number(record.UnitPrice) * 100),
  }
}
