import { ChildProgram } from '../child-program.ts'
import type { WorkerArguments, WorkerUsage } from './protocol.ts'

/** A worker of a comparison in its own process. */
export class WorkerChild {
  private readonly program: ChildProgram

  private constructor(args: WorkerArguments) {
    this.program = new ChildProgram('worker/worker-process', args, `the worker of ${args.readModel}@${args.kind}`)
  }

  /** @throws COMPARE_FAILED with what it printed, if it does not start */
  static async start(args: WorkerArguments): Promise<WorkerChild> {
    const worker = new WorkerChild(args)
    try {
      await worker.program.ask()
      return worker
    } catch (error) {
      await worker.close()
      throw error
    }
  }

  /** Rejects if it ends by itself. */
  get gone(): Promise<never> {
    return this.program.gone
  }

  get running(): boolean {
    return this.program.running
  }

  /** What it has used so far. @throws COMPARE_FAILED if it has ended by itself */
  usage(): Promise<WorkerUsage> {
    return this.program.ask('usage')
  }

  /** Ends it. One that does not end in order leaves nothing that a later worker would not put right. */
  close(): Promise<void> {
    return this.program.close().catch(() => {})
  }
}
