import { runLoad } from './demo/load.ts'
import { measure } from './demo/measure.ts'
import { showNewOrder } from './demo/new-order.ts'
import { showReport } from './demo/report.ts'
import { type Console, type DemoKit, type DemoOptions, withRun } from './demo/run.ts'
import { setUp } from './demo/stage.ts'

/**
 * Runs the shop on engines of its own: fills the three targets, places and moves orders while it shows what they
 * reflect, and ends with what each costs. Everything that was started ends with it.
 *
 * @param kit what the command line lends it
 */
export function runDemo(kit: DemoKit, console: Console, options: DemoOptions): Promise<void> {
  return withRun(kit, console, options, async (run) => {
    run.say('One read model, order_summary, in three targets. All figures are measured now, on this machine.\n')
    const stage = await setUp(run)
    await showNewOrder(run, stage)
    const load = await runLoad(run, stage)
    const report = await measure(run, stage, load)
    showReport(run, report)
    if (!report.agree) console.exitCode = 1
  })
}
