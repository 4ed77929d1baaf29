import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { shortNumber } from '../../packages/pages/src/index.ts'
import { cellsOf } from '../export/rows.ts'
import { describeWithBrowser, openBrowser, takePicture, Visits } from '../support/browser.ts'
import { type ExplorerStand, openExplorerStand } from './stand.ts'

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desk = { viewport: { width: 1360, height: 860 } }
const phone = { viewport: { width: 390, height: 800 }, hasTouch: true }

describeWithBrowser('The explorer in a browser', () => {
  describe.skipIf(inject('openSearchUrl') === '')('with search', () => {
    let stand: ExplorerStand
    let browser: Browser
    let sales: string
    let keyed: string
    const visits = new Visits()

    beforeAll(async () => {
      stand = await openExplorerStand()
      sales = `${await stand.serve({ access: 'open' })}/sales`
      keyed = await stand.serve({
        access: {
          roles: { branch: { sales: { where: { country: 'Germany' } } } },
          keys: { branch: { role: 'branch', secret: 'the-key-of-the-german-branch' } },
        },
      })
      browser = await openBrowser()
    })

    afterEach(() => visits.end())

    afterAll(async () => {
      await browser?.close()
      await stand?.close()
    })

    const visit = (address: string, options: BrowserContextOptions = desk): Promise<Page> =>
      visits.visit(browser, address, options)

    /** Waits for what the page says of how many rows it found. */
    const rows = (page: Page, text: string) => page.locator('.total', { hasText: text }).waitFor()
    const parameters = (page: Page) => [...new URL(page.url()).searchParams].map((pair) => pair.join('='))

    /** The cells of the table of groups, without the bars of shares. */
    const shownGroups = (page: Page) =>
      page
        .locator('table.pivot tr')
        .evaluateAll((lines) =>
          lines.map((line) =>
            [...line.children]
              .filter((cell) => !cell.classList.contains('share') && cell.textContent !== 'Share')
              .map((cell) => cell.textContent ?? ''),
          ),
        )
    /** Those of its file, with numbers as a page shortens them. */
    async function exportedGroups(page: Page): Promise<string[][]> {
      await page.getByText('Export').click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
      expect(file.suggestedFilename()).toBe('sales-groups.csv')
      const [header, ...lines] = cellsOf(await readFile(await file.path(), 'utf8'))
      const named = [header, ...lines.map(([name, ...numbers]) => [name, ...numbers.map((one) => shortened(one))])]
      return named.map((cells) => (cells as (string | undefined)[]).map((cell) => cell ?? ''))
    }
    const shortened = (number: string | undefined) => (number === undefined ? '' : shortNumber(number))

    test('words are completed, found with a typo, shown where they are, and narrowed by several values', async () => {
      const page = await visit(sales)
      await rows(page, '600 rows')
      await page.keyboard.press('Control+k')
      await page.keyboard.type('lant')
      await page.getByRole('option', { name: 'lantern' }).first().waitFor()
      await takePicture(page, 'explorer-suggestions')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await rows(page, '150 rows')
      expect(await page.locator('td mark').first().innerText()).toBe('lantern')
      const countries = page.getByRole('group', { name: 'Country' })
      await countries.getByRole('checkbox', { name: 'Japan' }).check()
      await page.waitForURL(/is\.country=Japan/)
      await countries.getByRole('checkbox', { name: 'Chile' }).check()
      await page.waitForURL(/is\.country=Chile/)
      expect(await countries.getByRole('checkbox').count(), 'values that are not ticked keep their counts').toBe(8)
      expect(parameters(page).sort()).toEqual(['is.country=Chile', 'is.country=Japan', 'q=lantern'])
      await page.getByRole('link', { name: 'Leave out: Country is Japan' }).click()
      await page.waitForURL((url) => !url.search.includes('Japan'))
      await page.goBack()
      await page.locator('[name="is.country"][value=Japan]:checked').waitFor()
      await page.getByRole('searchbox', { name: 'Find a value of Country' }).fill('espana')
      await countries.getByText('Ghana').waitFor({ state: 'detached' })
      await countries.getByText('España').waitFor()
      await page.goto(`${sales}?q=galsz`)
      await page.getByText('Did you mean').getByRole('link', { name: 'glass' }).click()
      await rows(page, '75 rows')
    })

    test('days are drawn over, numbers bounded, rows sorted and exported just as they are seen', async () => {
      const page = await visit(`${sales}?min.total=50&max.total=90`)
      const bars = page.locator('[data-brush] a')
      const [from, to] = [await bars.nth(10).boundingBox(), await bars.nth(14).boundingBox()]
      const days = [await bars.nth(10).getAttribute('data-first'), await bars.nth(14).getAttribute('data-last')]
      await page.mouse.move(Number(from?.x) + 3, Number(from?.y) + 40)
      await page.mouse.down()
      await page.mouse.move(Number(to?.x) + 3, Number(to?.y) + 40, { steps: 4 })
      await page.mouse.up()
      await page.waitForURL(/min\.sold_at/)
      expect(parameters(page).sort()).toEqual(
        [`min.sold_at=${days[0]}`, `max.sold_at=${days[1]}`, 'min.total=50', 'max.total=90'].sort(),
      )
      await page.getByRole('columnheader', { name: 'Total' }).getByRole('link').click()
      await page.waitForURL(/sort=total/)
      await page.getByText('Columns').first().click()
      await page.getByRole('checkbox', { name: 'Tags' }).uncheck()
      await page.waitForURL(/column=/)
      await page.getByRole('columnheader', { name: 'Tags' }).waitFor({ state: 'detached' })
      const totals = await page.locator('tbody tr td:last-child').allInnerTexts()
      expect(totals).toEqual([...totals].sort((one, other) => Number(one) - Number(other)))
      const sum = await page.locator('tfoot tr:first-child td:last-child').innerText()
      expect(Number(sum)).toBeCloseTo(
        totals.reduce((all, one) => all + Number(one), 0),
        6,
      )
      await page.getByText('Export').click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
      const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
      expect([file.suggestedFilename(), lines[0]]).toEqual([
        'sales.csv',
        'invoice,line,sold_at,country,category,title,quantity,price,total',
      ])
      expect(lines.slice(1).map((line) => line.split(',').at(-1))).toEqual(totals)
    })

    test('groups are counted and summed, shown in a chart, and lead to their rows', async () => {
      const page = await visit(sales)
      await page.getByRole('link', { name: 'Groups' }).click()
      await page.getByLabel('Group by').selectOption('category')
      await page.waitForURL(/by=category/)
      await page.getByLabel('Show', { exact: true }).selectOption('sum:total')
      await page.waitForURL(/show=sum/)
      const names = await page.locator('tbody th').allInnerTexts()
      expect([names.length, names[0]]).toEqual([6, 'no value'])
      await takePicture(page, 'explorer-groups')
      expect(await exportedGroups(page), 'the file has what the page shows').toEqual(await shownGroups(page))
      await page.getByRole('rowheader', { name: 'Clocks' }).getByRole('link').click()
      await rows(page, '75 rows')
      await page.goto(`${sales}?view=pivot&by=sold_at:month&by=category&show=avg:price`)
      expect(await page.locator('.chart .line[class*=series]').count()).toBe(12)
      await takePicture(page, 'explorer-months')
      expect(await exportedGroups(page)).toEqual(await shownGroups(page))
    })

    test('a row opens by the keyboard, with its details, and closes again', async () => {
      const page = await visit(sales)
      await page.locator('[data-row]').first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const details = page.getByRole('complementary')
      await details.getByText('Shipped on').waitFor()
      expect(await details.getByRole('heading').innerText()).toBe('INV-1000 · 2')
      await page.keyboard.press('Escape')
      await details.waitFor({ state: 'detached' })
      expect(await page.locator('.age').innerText()).toMatch(
        /^As of [\d:]+, nothing behind\s+sales@table\s+times in Europe\/Vienna$/,
      )
      await page.getByRole('link', { name: 'Next page' }).click()
      await page.getByText('Page 2 of 12').waitFor()
    })

    test('the footer says when the target was equal to its definition', async () => {
      expect(await stand.trifold.admin.verify('sales@view')).toMatchObject([{ different: 0 }])
      const page = await visit(`${sales}?from=view`)
      expect(await page.locator('.age').innerText()).toMatch(/behind\s+sales@view\s+equal to its definition at [\d:]+/)
    })

    test('it works without scripts, and signed in with a key it has the rows of the key', async () => {
      const page = await visit(`${keyed}/sales?is.category=Lights`, { ...desk, javaScriptEnabled: false })
      await page.getByLabel('Your key').fill('the-key-of-the-german-branch')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(/is\.category=Lights/)
      expect(await page.getByRole('group', { name: 'Country' }).getByRole('checkbox').count()).toBe(1)
      await page.getByRole('group', { name: 'Gift' }).getByRole('checkbox', { name: 'yes' }).check()
      await page.getByRole('button', { name: 'Apply' }).first().click()
      expect(parameters(page)).toEqual(['is.category=Lights', 'is.gift=true'])
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(/sign-in/)
    })

    test('rows that may lack a parked event are marked, for eyes and for readers of the screen', async () => {
      await stand.pool.query(`
        with parked as (
          insert into trifold.parked
            (target, generation_id, window_id, ordinal, position, type, version, aggregate, payload, appended_at, code, message, handlers_version)
          select target, id, coalesce(build_window, 1), 1, 1, 'SaleMade', 1, 'x', '{}', now(), 'HANDLER_FAILED', 'no', 1
          from trifold.generations
          where target = 'sales@search' and state = 'serving'
          returning id, generation_id
        )
        insert into trifold.suspect_keys (parked_id, generation_id, key)
        select id, generation_id, 'x'
        from parked`)
      try {
        const page = await visit(`${sales}?from=search`)
        await page.getByText('Rows may lack an event that was parked.').waitFor()
        expect(await page.locator('.age .light.bad').count()).toBe(1)
        await takePicture(page, 'explorer-degraded')
      } finally {
        await stand.pool.query('delete from trifold.suspect_keys; delete from trifold.parked')
      }
    })

    test('on paper there are the rows, their totals and their age, and no controls', async () => {
      const page = await visit(`${sales}?q=heart&is.country=Germany`)
      await page.emulateMedia({ media: 'print' })
      await takePicture(page, 'explorer-print')
      for (const shown of ['.total', 'table', 'tfoot', '.age'])
        expect(await page.locator(shown).first().isVisible()).toBe(true)
      for (const hidden of [
        '.filters',
        '.search',
        '.tools select',
        '.tools .menu',
        '.pager',
        '.chips .all',
        '.opener a',
      ])
        expect(
          await page.locator(hidden).evaluateAll((all) => all.every((one) => !one.checkVisibility())),
          hidden,
        ).toBe(true)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    })

    test.each([
      ['rows', '?is.category=Lights&is.country=Japan&row=INV-1000&row=2', desk],
      ['dark', '?q=heart&is.country=Germany&sort=-total', { ...desk, colorScheme: 'dark' as const }],
      ['dark-groups', '?view=pivot&by=country&by=category', { ...desk, colorScheme: 'dark' as const }],
      ['phone', '?is.country=Ghana&is.category=Lights', phone],
    ])('%s can be read and used by all (WCAG AA)', async (name, address, options) => {
      const page = await visit(sales + address, options)
      await takePicture(page, `explorer-${name}`)
      await page.evaluate(await axe)
      const found = await page.evaluate(
        'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
      )
      const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] }
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    })
  })
})
