import type { CommitToken } from 'trifold/internal/outbox'
import { ChildProgram } from '../child-program.ts'
import type { TransactionSample } from '../comparison.ts'
import { failed } from '../failure.ts'
import type { LoadArguments, LoadNotice, LoadSource } from './protocol.ts'

/** How the load went. */
export interface Written {
  transactions: TransactionSample[]
  /** Transactions a second that were reached. */
  reached: number
  seconds: number
}

export interface LoadListener {
  /** The load begins: the time by `clock`. */
  began(since: number): void
  committed(token: CommitToken, at: number, committedAt: number): void
}

/** The process that writes the load. */
export class LoadChild {
  private readonly program: ChildProgram

  private constructor(args: LoadArguments) {
    this.program = new ChildProgram('load/load-process', args, 'the process that writes the load')
  }

  /** Starts it and lets it warm up. @throws COMPARE_FAILED if the workload does not open or a transaction fails */
  static async start(args: LoadArguments, source: LoadSource): Promise<LoadChild> {
    const load = new LoadChild(args)
    try {
      await load.program.ask<LoadNotice>()
      const notice = await load.program.ask<LoadNotice>({ source })
      if (notice.kind === 'failed') throw failed(notice.reason)
      return load
    } catch (error) {
      await load.close()
      throw error
    }
  }

  /** Has it write, until the load has ended. @throws COMPARE_FAILED if a transaction fails */
  async run(listener: LoadListener): Promise<Written> {
    const transactions: TransactionSample[] = []
    const ended = new Promise<Written>((resolve, reject) => {
      this.program.listen((message) => {
        const notice = message as LoadNotice
        if (notice.kind === 'began') listener.began(notice.since)
        if (notice.kind === 'failed') reject(failed(notice.reason))
        if (notice.kind === 'done') resolve({ ...notice, transactions: transactions.sort((a, b) => a.at - b.at) })
        if (notice.kind !== 'committed') return
        transactions.push(notice.sample)
        listener.committed(notice.token, notice.sample.at, notice.committedAt)
      })
    })
    this.program.send('go')
    return Promise.race([ended, this.program.gone])
  }

  /** Ends the load in order. @throws COMPARE_FAILED if that fails: a replay may be left in the middle */
  close(): Promise<void> {
    return this.program.close()
  }
}
