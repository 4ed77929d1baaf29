import { afterAll, beforeAll, expect, it } from 'vitest'
import { createProject, type Project } from '../cli/project.ts'

let project: Project
beforeAll(async () => {
  project = await createProject()
})
afterAll(() => project.close())

const statusOf = async (address: string, path: string) => (await fetch(`${address}${path}`)).status

it('`trifold worker --health 0` answers probes, and stops answering when it ends', async () => {
  const worker = project.start(['worker', '--json', '--health', '0'])
  const { address } = await worker.whenObserved('health.opened')
  await worker.whenObserved('target.leased')
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  for (const path of ['/metrics', '/health', '/ready']) expect(await statusOf(address, path), path).toBe(200)
  worker.child.kill('SIGTERM')
  expect(await worker.ended).toMatchObject({ code: 0 })
  await expect(statusOf(address, '/health')).rejects.toThrow()
})

it('`trifold serve --health 0` answers them beside the API, not in it', async () => {
  const serving = project.start(['serve', '--port', '0', '--health', '0', '--json'])
  await serving.whenPrinted('"api.serves"')
  await serving.whenPrinted('\n')
  const { address, health } = JSON.parse(serving.out())
  expect(await statusOf(health, '/ready')).toBe(200)
  expect(await statusOf(address, '/metrics')).toBe(404)
  serving.child.kill('SIGTERM')
  await serving.ended
})
