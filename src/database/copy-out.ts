import type pg from 'pg'

/** Bytes after which the server waits until they have been taken. */
const enough = 256 * 1024

/** What the driver gives a statement to send and to pause by. */
interface Connection {
  query(text: string): void
  stream: { pause(): void; resume(): void }
}

/**
 * Runs a `copy (…) to stdout` and gives each row's bytes as they come, in constant memory: it pauses the connection until
 * the caller has asked for more.
 *
 * @param onRow gets the bytes of one row with its line feed; they are valid during the call only
 * @returns after each part the caller may write what it has made of the rows; ends once the server has vouched for all of them
 * @throws the server's error, also after rows have been given
 */
export async function* copyOut(
  client: pg.ClientBase,
  statement: string,
  onRow: (row: Buffer) => void,
): AsyncGenerator<void> {
  const copy = new CopyOut(statement, onRow)
  client.query(copy as unknown as pg.Submittable)
  while (await copy.more()) yield
}

/** A statement as the driver runs it (`Submittable` of pg). */
class CopyOut {
  private readonly statement: string
  private readonly onRow: (row: Buffer) => void
  private connection: Connection | undefined
  private state: 'running' | 'complete' | { error: unknown } = 'running'
  private waiting = 0
  private rows = 0
  private wake = () => {}

  constructor(statement: string, onRow: (row: Buffer) => void) {
    this.statement = statement
    this.onRow = onRow
  }

  /** Whether rows have come since the last call. */
  async more(): Promise<boolean> {
    this.waiting = 0
    if (this.state === 'running') {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.connection?.stream.resume()
      await woken
    }
    if (typeof this.state === 'object') throw this.state.error
    return this.waiting > 0
  }

  submit(connection: Connection): void {
    this.connection = connection
    connection.query(this.statement)
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (typeof this.state === 'object') return
    try {
      this.onRow(chunk)
    } catch (error) {
      this.handleError(error)
      return
    }
    this.rows += 1
    this.waiting += chunk.length
    if (this.waiting < enough) return
    this.connection?.stream.pause()
    this.wake()
  }

  /** @param text `COPY 1000` */
  handleCommandComplete({ text }: { text: string }): void {
    const sent = Number(text.split(' ').at(-1))
    if (sent !== this.rows) this.handleError(new Error(`the server sent ${sent} rows, of which ${this.rows} arrived`))
  }

  handleReadyForQuery(): void {
    if (this.state === 'running') this.state = 'complete'
    this.end()
  }

  handleError(error: unknown): void {
    if (this.state === 'running') this.state = { error }
    this.end()
  }

  /** The last rows may have paused the connection, and the next statement needs it. */
  private end(): void {
    this.connection?.stream.resume()
    this.wake()
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}
