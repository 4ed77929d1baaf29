// A worker of its own: runs the schedule of one view until it is ended. A message sets its clock, in milliseconds off.
import { openPool } from '../../src/database.ts'
import { describeDefinition } from '../../src/definition.ts'
import { createViewMaterializer } from '../../src/materializers/view.ts'
import type { ReadModel } from '../../src/read-model.ts'
import { startSchedule } from '../../src/schedule.ts'
import { configuredTiming } from '../../src/timing.ts'

const machineDate = Date
let off = 0
class ShiftedDate extends machineDate {
  constructor(...args: []) {
    if (args.length === 0) super(machineDate.now() + off)
    else super(...args)
  }
  static override now(): number {
    return machineDate.now() + off
  }
}
globalThis.Date = ShiftedDate as DateConstructor
process.on('message', (shift: number) => {
  off = shift
})

const [databaseUrl, redis, folder, every] = process.argv.slice(2) as [string, string, string, `${number}ms`]
const target = 'order_summary@view'
const model: ReadModel = { key: ['order_id'], targets: { view: { every } } }
const pool = openPool(databaseUrl, { name: 'worker' })
const client = await pool.connect()
const definition = await describeDefinition(client, folder, 'order_summary', model)
client.release()
const view = createViewMaterializer({
  target,
  name: 'order_summary',
  model,
  definition,
  schema: 'public',
  databaseUrl,
  pool,
})
await startSchedule({
  config: { database: databaseUrl, redis: redis || undefined },
  targets: [
    {
      target,
      timing: await configuredTiming(target, model),
      refresh: (signal) => view.refresh({ cause: 'schedule', signal }),
    },
  ],
  reconcileEvery: '500ms',
})
process.send?.('started')
