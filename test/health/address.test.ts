import { expect, test } from 'vitest'
import { readHealthAddress } from '../../src/cli/commands/health-option.ts'

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  [' 0 ', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
  ['workers.internal:80', { host: 'workers.internal', port: 80 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
])('%s', (text, address) => expect(readHealthAddress(text)).toEqual(address))

test.each(['', 'localhost', ':9464', '9464:', '65536', '::1:9464', 'a b:9464', 'http://localhost:9464'])(
  'refuses "%s"',
  (text) => expect(() => readHealthAddress(text)).toThrow('write a port'),
)
