import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { growthOf } from '../../../packages/compare/src/growth.ts'
import { htmlReport } from '../../../packages/compare/src/report.ts'
import { describeWithBrowser, openBrowser, takePicture } from '../../support/browser.ts'
import { contrastFailures } from './contrast.ts'
import { markupForNames, syntheticComparison } from './synthetic.ts'
import { textQuery } from './synthetic-queries.ts'

const sizes = [2_000, 20_000, 200_000]

describeWithBrowser('the report in a browser', () => {
  let browser: Browser
  let folder: string
  const files: Record<string, string> = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trifold-report-'))
    const change = ({ queries }: { queries: unknown[] }) => void queries.push(textQuery(5))
    const compared = sizes.map((size) => ({
      size,
      comparison: syntheticComparison({ rows: size, latency: { definition: size / 300 } }),
    }))
    const documents = {
      comparison: syntheticComparison({ change }),
      'markup for names': syntheticComparison({ change: markupForNames }),
      growth: { readModel: 'order_summary', sizes: compared, ...growthOf(compared) },
    }
    for (const [name, document] of Object.entries(documents)) {
      files[name] = join(folder, `${name}.html`)
      await writeFile(files[name], await htmlReport(document))
    }
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function opened(
    name: string,
    width: number,
  ): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    const requests: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(pathToFileURL(files[name]!).toString())
    return { page, requests, complaints }
  }

  it.each(['comparison', 'growth', 'markup for names'])(
    'opens without a request and without a complaint (%s)',
    async (name) => {
      const { page, requests, complaints } = await opened(name, 1280)
      expect(requests).toEqual([pathToFileURL(files[name]!).toString()])
      expect(complaints).toEqual([])
      expect(await page.locator('img, script:not([type="application/json"])').count()).toBe(0)
      await page.close()
    },
  )

  it.each([
    ['comparison', 390],
    ['comparison', 1280],
    ['growth', 390],
    ['growth', 1280],
  ])('does not scroll sideways (%s, %i pixels wide)', async (name, width) => {
    const { page } = await opened(name, width)
    await openDetails(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await takePicture(page, `report-${name}-${width}`)
    await page.close()
  })

  it.each(['comparison', 'growth'])('fits on a page of A4 with its margins (%s)', async (name) => {
    const { page } = await opened(name, 673)
    await page.emulateMedia({ media: 'print' })
    await openDetails(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(673)
    await page.close()
  })

  it.each(['light', 'dark', 'print'] as const)('has text that can be read (%s)', async (kind) => {
    for (const name of Object.keys(files)) {
      const { page } = await opened(name, 1280)
      await page.emulateMedia(kind === 'print' ? { media: 'print', colorScheme: 'dark' } : { colorScheme: kind })
      await takePicture(page, `report-${name}-${kind}`)
      await openDetails(page)
      expect(await contrastFailures(page)).toEqual([])
      await page.close()
    }
  })

  it('draws on narrow pages with letters of at least ten pixels', async () => {
    const { page } = await opened('comparison', 390)
    const least = await page.evaluate(`Math.min(...[...document.querySelectorAll('svg.plot text')]
      .filter((one) => one.getBoundingClientRect().height > 0)
      .map((one) => parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a))`)
    expect(least).toBeGreaterThanOrEqual(10)
    await page.close()
  })

  it('shows the document on demand', async () => {
    const { page } = await opened('comparison', 1280)
    expect(await page.locator('#comparison').isVisible()).toBe(false)
    await page.locator('#document summary').click()
    expect(await page.locator('#comparison').isVisible()).toBe(true)
    await page.close()
  })

  it('would notice a text that cannot be read', async () => {
    const page = await browser.newPage()
    await page.setContent('<p style="color: #999">Pale</p><p style="color: #666">Plain</p>')
    expect(await contrastFailures(page)).toEqual(['Pale: rgb(153, 153, 153), 2.85'])
    await page.close()
  })

  const openDetails = (page: Page): Promise<unknown> =>
    page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
})
