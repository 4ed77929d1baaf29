import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { contrastFailures } from '../../../compare/report/contrast.ts'
import { describeWithBrowser, openBrowser, takePicture } from '../../../support/browser.ts'
import { placeOrder, signIn, textOf } from './shopper.ts'
import { hasSearch, openWebStand, type WebStand } from './stand.ts'

const longest = 'Donaudampfschifffahrt'.repeat(4)

describeWithBrowser('The shop in a browser', () => {
  let web: WebStand
  let browser: Browser
  let shop: string
  /** A product whose texts are long words. */
  let wordy: number
  const open: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    web = await openWebStand()
    shop = await web.app.listen({ host: '127.0.0.1', port: 0 })
    const texts = { name: longest, description: longest, category: longest }
    const product = await web.shop.addProduct({ sku: 'LONG', ...texts, priceCents: 2_000_000_000, stock: 1 })
    wordy = product.id
    browser = await openBrowser()
  })

  afterEach(async () => {
    for (const context of open.splice(0)) await context.close()
    await web.worker.resume()
    expect(web.errors).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options)
    open.push(context)
    return context.newPage()
  }

  const kinds = hasSearch() ? ['table', 'search'] : ['table']

  test.each(kinds)('an order is seen at once in the %s, which waits for its commit', async (target) => {
    const page = await newPage()
    await signIn(page, shop)
    await placeOrder(page, shop, target)
    expect(await textOf(page, '.found')).toContain(`Your order is here. order_summary@${target} shows it`)
    expect(await textOf(page, '.token')).toMatch(
      /Read with your commit token: it (waited [\d.]+ m?s|did not have to wait) and shows what you did/,
    )
    expect(await page.locator('tr.new').count()).toBe(1)
    expect(await textOf(page, 'tr.new .badge')).toBe('Confirmed')
  })

  test('the view shows it after its refresh, and until then that it is stale', async () => {
    const page = await newPage()
    await signIn(page, shop)
    await placeOrder(page, shop, 'view')
    expect(await textOf(page, '.notice h2')).toBe('order_summary@view does not show your change yet')
    expect(await textOf(page, '.notice summary')).toBe('WAIT_TIMEOUT')
    expect(await textOf(page, '.missing')).toContain('This is a stale read')
    expect(await page.locator('tr.new').count()).toBe(0)
    expect(await textOf(page, '.target[aria-current] .lag')).toMatch(/behind$/)

    await page.getByRole('link', { name: 'Read without the token' }).click()
    expect(await page.locator('.notice').count()).toBe(0)
    expect(await textOf(page, '.missing')).toContain('order_summary@view does not show it yet')

    await page.getByRole('link', { name: 'Read with the token' }).click()
    await page.locator('.notice').getByRole('button', { name: 'Refresh the view now' }).click()
    expect(await textOf(page, '.found')).toContain('Your order is here. order_summary@view shows it')
  })

  test('while the worker stands still a table is stale as well, and shows the order once it goes on', async () => {
    const page = await newPage()
    await signIn(page, shop)
    await page.goto(`${shop}/orders?target=table`)
    await page.getByRole('button', { name: 'Pause the worker' }).click()
    expect(await textOf(page, '.paused')).toContain('The worker stands still')
    await placeOrder(page, shop, 'table')
    expect(await textOf(page, '.notice h2')).toBe('order_summary@table does not show your change yet')
    await web.worker.resume()
    await page.getByRole('link', { name: /^Wait up to/ }).click()
    expect(await textOf(page, '.found')).toContain('Your order is here')
  })

  test('of two tabs with the same order the second is refused, and told so', async () => {
    const page = await newPage()
    await signIn(page, shop)
    await placeOrder(page, shop, 'table')
    await page.locator('tr.new a').click()
    const other = await page.context().newPage()
    await other.goto(page.url())
    await page.getByRole('button', { name: 'Pay' }).click()
    await page.waitForURL('**after=**')
    expect(await textOf(page, '.pair .panel:nth-child(2) .badge')).toBe('Paid')
    await other.getByRole('button', { name: 'Cancel the order' }).click()
    expect(await textOf(other, '.problem h1')).toBe('Somebody else was faster')
    await other.getByRole('link', { name: 'Look at it again' }).click()
    expect(await textOf(other, '.pair .panel .badge')).toBe('Paid')
  })

  test('everything works without scripts', async () => {
    const page = await newPage({ javaScriptEnabled: false })
    await signIn(page, shop)
    await placeOrder(page, shop, 'table')
    expect(await textOf(page, '.found')).toContain('Your order is here')
  })

  test('a switch changes the target, and the sales are the same in all of them', async () => {
    const page = await newPage()
    await page.goto(`${shop}/sales`)
    await page.getByRole('button', { name: 'Pause the worker' }).click()
    await page.locator('.target', { hasText: 'view' }).click()
    await page.getByRole('button', { name: 'Refresh the view now' }).click()
    const figures = await textOf(page, '.figures')
    for (const kind of kinds) {
      await page.locator('.target', { hasText: kind }).click()
      expect(await textOf(page, '.answer strong')).toBe(`daily_sales@${kind}`)
      expect(await textOf(page, '.figures')).toBe(figures)
    }
  })

  describe.runIf(hasSearch())('with search', () => {
    test('words with typos are found, and shown where they were', async () => {
      const page = await newPage()
      await page.goto(`${shop}/products`)
      await page.getByRole('combobox', { name: 'Words in the name' }).fill('lantren')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      expect(Number(await textOf(page, '.count strong'))).toBeGreaterThan(0)
      for (const title of await page.locator('.card-title').all())
        expect(await title.locator('mark').innerText()).toBe('Lantern')
      await page.locator('select[name=words]').selectOption('exact')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      expect(await textOf(page, '.count strong')).toBe('0')
      await page.getByRole('link', { name: 'Forgive typos' }).click()
      expect(Number(await textOf(page, '.count strong'))).toBeGreaterThan(0)
    })

    test('what is typed is completed', async () => {
      const page = await newPage()
      await page.goto(`${shop}/products`)
      await page.getByRole('combobox', { name: 'Words in the name' }).pressSequentially('lan')
      await page.locator('#words option[value=Lantern]').waitFor({ state: 'attached' })
    })

    test('facets narrow what is found to what they count', async () => {
      const page = await newPage()
      await page.goto(`${shop}/products?target=search&q=red`)
      for (const facet of ['Category', 'Sold to']) {
        const first = page.locator('.facet', { hasText: facet }).locator('li').first()
        const count = await first.locator('.number').innerText()
        await first.locator('a').click()
        expect(await textOf(page, '.count strong')).toBe(count)
      }
      expect(await page.locator('.facet a[aria-current]').count()).toBe(2)
      await page.getByRole('link', { name: 'Show all' }).click()
      expect(await textOf(page, '.count strong')).toBe('61')
    })

    test('words that a table cannot search lead to the target that can', async () => {
      const page = await newPage()
      await page.goto(`${shop}/products?target=table&q=lamp`)
      await page.getByRole('link', { name: 'Ask product_search@search' }).click()
      expect(await page.locator('.card mark').count()).toBeGreaterThan(0)
    })
  })

  test.each<[string, BrowserContextOptions]>([
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
    ['phone', { colorScheme: 'light', viewport: { width: 360, height: 740 }, isMobile: true }],
    ['dark-phone', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true }],
  ])('every page fits into the window and can be read: %s', async (name, options) => {
    const page = await newPage(options)
    await signIn(page, shop)
    await placeOrder(page, shop, 'table')
    const found = page.url().slice(shop.length)
    const order = (await page.locator('tr.new a').getAttribute('href')) as string
    await page.getByRole('button', { name: 'Pause the worker' }).click()
    const paths = [
      '/products',
      '/products?target=table&q=lamp',
      '/products?target=table&least=1&most=50&category=Lighting&category=Kitchen',
      `/products?q=${longest}&target=${hasSearch() ? 'search' : 'view'}`,
      `/products/${wordy}`,
      order,
      found,
      found.replace('target=table', 'target=view'),
      '/sales',
      '/cart',
      '/sign-in',
      '/none',
    ]
    for (const [place, path] of paths.entries()) {
      await page.goto(`${shop}${path}`)
      const wider = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
      expect(wider, path).toBeLessThanOrEqual(0)
      expect(await contrastFailures(page), path).toEqual([])
      await takePicture(page, `shop-${name}-${place}${path.split('?')[0]?.replaceAll('/', '-')}`)
    }
  })
})
