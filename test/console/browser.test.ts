import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { keyCookie } from '../../packages/http/src/index.ts'
import { describeWithBrowser, openBrowser, takePicture, Visits } from '../support/browser.ts'
import { access, type ConsoleStand, keys, openConsoleStand } from './stand.ts'

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desk = { viewport: { width: 1360, height: 860 }, timezoneId: 'Asia/Tokyo' }
const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, timezoneId: 'Asia/Tokyo' }
const dark = { ...desk, colorScheme: 'dark' as const }

const looks = { desk, dark, phone: { ...phone, colorScheme: 'no-preference' as const } }
const pages = {
  now: '/',
  target: '/targets/orders@view',
  tune: '/targets/orders@view/tune?by=every&value=20s',
  feed: '/feed',
  parked: '/parked/1',
  night: '/night',
  audit: '/audit',
}

/** Each page in one look; in every one if pictures are wanted. */
const shown = Object.entries(pages).flatMap(([name, path], place) =>
  Object.entries(looks)
    .filter((_, look) => process.env.TRIFOLD_PICTURES || look === place % 3)
    .map(([look, options]) => [`${name}-${look}`, path, options] as const),
)

describeWithBrowser('The console in a browser', () => {
  let stand: ConsoleStand
  let browser: Browser
  let address: string
  const visits = new Visits()

  beforeAll(async () => {
    stand = await openConsoleStand()
    address = (await stand.serve(access)).address
    browser = await openBrowser()
  })

  afterEach(() => visits.end())

  afterAll(async () => {
    await browser?.close()
    await stand?.close()
  })

  const visit = (path: string, options: BrowserContextOptions = desk): Promise<Page> =>
    visits.visit(browser, address + path, options, { [keyCookie]: keys.anna.secret })

  test('what an operator does is done, seen by others without a click, and in the audit', async () => {
    const other = await visit('/')
    await other.getByText('times in Asia/Tokyo').waitFor()
    const page = await visit('/')
    await page.getByLabel('Act on totals@view').click()
    await takePicture(page, 'console-act')
    await page.getByRole('button', { name: 'Pause' }).click()
    for (const seen of [page, other])
      await seen.getByRole('row', { name: 'totals@view' }).getByText('paused').first().waitFor()
    await other.getByRole('link', { name: 'Audit' }).click()
    await other.getByRole('row', { name: /anna pause totals@view done: paused/ }).waitFor()
  })

  test('a parked event is retried from the feed, and shown with its payload', async () => {
    const page = await visit('/feed')
    await page.getByRole('link', { name: 'OrderPlaced 2' }).click()
    expect(JSON.parse(await page.locator('.payload').innerText())).toEqual({ id: 2, customer: 'bad', total: 5 })
    await page.getByLabel('Act on event 2 of orders@table').click()
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.waitForURL(/feed/)
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('row', { name: /anna retry 1 failed: / }).waitFor()
  })

  test('a schedule is priced, and then set', async () => {
    const page = await visit('/targets/orders@view')
    await page.getByText('Fits until').waitFor()
    await page.getByRole('link', { name: 'Price another schedule' }).click()
    await page.getByLabel('Refresh it by').selectOption('every')
    await page.getByLabel('Length or pattern').fill('30m')
    await page.getByRole('button', { name: 'Price it' }).click()
    await page.getByRole('row', { name: /^Refreshes an hour 1 2$/ }).waitFor()
    await page.getByRole('button', { name: 'Set this schedule' }).click()
    await page.getByText('every 30 min, set by an operator').waitFor()
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('row', { name: /anna tune orders@view done: every 30 min/ }).waitFor()
  })

  test('a menu stays open, and the focus where it is, when the page follows what happens', async () => {
    const page = await visit('/')
    await page.getByLabel('Act on orders@view').click()
    await page.keyboard.press('Tab')
    const focused = () => page.evaluate('document.activeElement.textContent')
    expect(await focused()).toContain('Refresh')
    const asOf = () => page.locator('.summary time').getAttribute('datetime')
    const before = await asOf()
    await expect.poll(asOf).not.toBe(before)
    expect(await page.getByRole('button', { name: 'Rebuild' }).isVisible()).toBe(true)
    expect(await focused()).toContain('Refresh')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Rebuild' }).waitFor({ state: 'hidden' })
  })

  test('it says when the connection is lost, and follows again', async () => {
    const page = await visit('/')
    await page.context().setOffline(true)
    await page.getByText(/^Connection lost.*What you see is of \d/).waitFor()
    await takePicture(page, 'console-lost')
    await page.context().setOffline(false)
    await page.getByText('Connection lost').waitFor({ state: 'detached' })
  })

  test('one who is no longer signed in is asked for the key', async () => {
    const page = await visit('/')
    await page.context().clearCookies({ name: keyCookie })
    await page.waitForURL(/sign-in/)
  })

  test('it works without scripts', async () => {
    const page = await visit('/', { ...desk, javaScriptEnabled: false })
    await page.getByLabel('Act on orders@view').click()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page
      .getByRole('row', { name: /anna refresh orders@view/ })
      .first()
      .waitFor()
  })

  test.each(shown)('%s can be read and used by all (WCAG AA)', async (name, path, options) => {
    const page = await visit(path, options)
    await page.getByText('times in Asia/Tokyo').waitFor()
    await takePicture(page, `console-${name}`)
    await page.evaluate(await axe)
    const found = await page.evaluate(
      'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
    )
    const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] }
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
