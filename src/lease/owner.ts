import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** A name for what takes leases: host, process, and what tells it from others of the process. */
export const newOwner = (): string => `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`
