import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, startStack } from '../../packages/stack/src/index.ts'

/** A broker that a test file has for itself. */
export interface TestBroker {
  /** Its addresses, as KAFKA_BROKERS has them. */
  readonly brokers: string
  readonly stack: Stack
  /** Kills its process, and returns once it has ended. */
  kill(): Promise<void>
  /** Starts it again, at the same port and with the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a broker: it takes seconds and 300 MB, so that one file has all tests that need one.
 *
 * @returns why there is none, if it cannot run here. In CI it must.
 */
export async function startBroker(): Promise<TestBroker | string> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-kafka-'))
  await chmod(folder, 0o755)
  const start = (kafkaPort?: number) =>
    startStack({
      dataDir: folder,
      postgres: false,
      openSearch: false,
      kafka: true,
      kafkaPort,
      env: { ...process.env, KAFKA_BROKERS: '' },
    })
  let stack = await start()
  const close = async () => {
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const [engine] = stack.engines
  if (!engine) {
    await close()
    const reason = stack.kafkaUnavailable as string
    if (process.env.CI) throw new Error(`the tests need Kafka: ${reason}`)
    process.stderr.write(`tests that need Kafka are skipped: ${reason}\n`)
    return reason
  }
  const kill = async () => {
    const [running] = stack.engines
    process.kill(running?.pid as number, 'SIGKILL')
    await running?.process.wait()
  }
  return {
    brokers: `127.0.0.1:${engine.port}`,
    get stack() {
      return stack
    },
    kill,
    async restart() {
      await stack.stop()
      stack = await start(engine.port)
    },
    close,
  }
}
