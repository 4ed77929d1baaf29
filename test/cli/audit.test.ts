import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { TrifoldError } from '../../src/errors.ts'
import { audit, audited } from '../../src/operator/audit.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createProject, type Project } from './project.ts'

let project: Project
let toolkit: Toolkit

beforeAll(async () => {
  project = await createProject()
  toolkit = await openToolkit(
    resolveConfig({ database: project.database.url, events: {}, readModels: {} }, project.folder, {}),
  )
})
afterAll(async () => {
  await toolkit?.close()
  await project?.close()
})

const verify = { actor: 'anna', action: 'verify', subject: 'item@table' }

it('`trifold audit` has who did what, and what came of it, the newest first', async () => {
  expect((await project.cli('audit')).out).toBe('nobody has done anything in the console\n')
  expect(await audited(toolkit, verify, async () => 'none differs')).toEqual({
    outcome: 'done',
    detail: 'none differs',
  })
  const failure = async () => {
    throw new TrifoldError('REBUILD_RUNNING', 'verify: it is being rebuilt')
  }
  expect(await audited(toolkit, { ...verify, actor: 'ben' }, failure)).toMatchObject({ outcome: 'failed' })
  const { actions } = JSON.parse((await project.cli('audit', '--json')).out)
  expect(actions).toEqual([
    expect.objectContaining({
      actor: 'ben',
      outcome: 'failed',
      detail: 'verify: it is being rebuilt [REBUILD_RUNNING]',
    }),
    expect.objectContaining({ ...verify, outcome: 'done', detail: 'none differs', endedAt: expect.any(String) }),
  ])
  const lines = (await project.cli('audit', '--limit', '1')).out.trim().split('\n')
  expect(lines).toEqual([expect.stringMatching(/^at/), expect.stringMatching(/ben +verify item@table +failed/)])
})

it('shows an action that is under way, and one that cannot be written is not begun', async () => {
  let seen: string | undefined = 'nothing'
  await audited(toolkit, verify, async () => {
    seen = (await audit(toolkit, { limit: 1 }))[0]?.outcome
    return 'done'
  })
  expect(seen).toBeUndefined()
  await project.database.pool.query('alter table trifold.audit rename to hidden')
  let isBegun = false
  const begun = audited(toolkit, verify, async () => {
    isBegun = true
    return 'done'
  })
  await expect(begun).rejects.toThrow('trifold.audit')
  expect(isBegun).toBe(false)
  await project.database.pool.query('alter table trifold.hidden rename to audit')
})

it('refuses a limit that is none', async () => {
  expect(await project.cli('audit', '--limit', '0')).toMatchObject({
    code: 1,
    err: expect.stringContaining('[HISTORY_INVALID]'),
  })
  expect(await project.cli('audit', '--limit', 'all')).toMatchObject({ code: 2 })
})
