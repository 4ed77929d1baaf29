import { InvalidArgumentError } from 'commander'
import type { HealthAddress } from '../../health.ts'

const loopback = '127.0.0.1'

/** The value of `--health`: `9464`, `0.0.0.0:9464` or `[::1]:9464`; without a host it is the loopback. */
export function readHealthAddress(text: string): HealthAddress {
  const [, bracketed, plain, port] = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):)?(\d{1,5})$/i.exec(text.trim()) ?? []
  if (port !== undefined && Number(port) <= 65_535) return { host: bracketed ?? plain ?? loopback, port: Number(port) }
  throw new InvalidArgumentError('write a port, or a host and a port, such as "9464" or "0.0.0.0:9464".')
}
