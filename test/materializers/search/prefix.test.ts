import { afterEach, expect, it } from 'vitest'
import type { Status } from '../../../src/operator/status.ts'
import { createProject, itemConfig, type Project } from '../../cli/project.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'

let project: Project
let search: TestSearch
afterEach(async () => {
  await project.close()
  await search.close()
})

describeWithSearch('an index that was built with another prefix', () => {
  const configure = (prefix: string) =>
    project.configure(
      itemConfig(
        project.database.url,
        'targets: { search: {} },',
        `search: '${search.url}', indexPrefix: '${prefix}',`,
      ),
    )
  const look = async () => (JSON.parse((await project.cli('status', '--json')).out) as Status).targets[0]

  it('is named as the cause by status and by the worker, and a rebuild builds the next one', async () => {
    project = await createProject()
    search = createSearch()
    await configure(`${search.prefix}a_`)
    expect((await project.cli('rebuild', '--outdated')).code).toBe(0)

    await configure(`${search.prefix}b_`)
    const cause =
      /was built with another `indexPrefix` than this configuration has, which names it .*b_item-g1; use one prefix/
    expect(await look()).toMatchObject({ verdict: 'red', reason: expect.stringMatching(cause) })
    const worker = project.start(['worker', '--json'])
    await worker.whenObserved('worker.stalled')
    expect(await worker.whenObserved('target.stopped')).toMatchObject({
      error: { message: expect.stringMatching(cause) },
    })
    worker.child.kill('SIGTERM')
    expect((await worker.ended).out).not.toContain('target.retrying')

    expect((await project.cli('rebuild', 'item@search')).code).toBe(0)
    expect(await look()).toMatchObject({ verdict: 'yellow', storage: `${search.prefix}b_item-g2` })
    const { body } = await search.client.indices.get({ index: `${search.prefix}*` })
    expect(Object.keys(body)).toEqual([`${search.prefix}b_item-g2`])
  })
})
