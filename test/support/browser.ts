import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { findOnPath } from '../../packages/stack/src/find-on-path.ts'

const binary = await findBrowser()

/** Where there is no browser the reason is printed and the tests are skipped; in CI they must run. */
export function describeWithBrowser(title: string, tests: () => void): void {
  if (binary === undefined) sayOrFail('no chromium is on the PATH and CHROMIUM_PATH is not set')
  describe.skipIf(binary === undefined)(title, tests)
}

/** A headless browser without a profile. Whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  const asRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: binary as string,
    args: [...(asRoot ? ['--no-sandbox'] : []), '--disable-background-networking', '--disable-dev-shm-usage'],
    timeout: 140_000,
  })
}

/** The pages that a test has open, and what is wrong in them: errors of scripts, and what the policy of a page refuses. */
export class Visits {
  private readonly open: { close(): Promise<void> }[] = []
  private readonly faults: string[] = []

  /** Opens a page. @param secret the value of a cookie of the address, by its name */
  async visit(
    browser: Browser,
    address: string,
    options: BrowserContextOptions,
    secret: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const context = await browser.newContext(options)
    this.open.push(context)
    const url = new URL(address).origin
    await context.addCookies(Object.entries(secret).map(([name, value]) => ({ name, value, url })))
    const page = await context.newPage()
    page.on('pageerror', (error) => this.faults.push(String(error)))
    page.on('console', (said) => /Content Security Policy/.test(said.text()) && this.faults.push(said.text()))
    await page.goto(address)
    return page
  }

  /** Closes all pages, in which nothing may have been wrong. */
  async end(): Promise<void> {
    for (const context of this.open.splice(0)) await context.close()
    expect(this.faults).toEqual([])
  }
}

/** A picture of the whole page for people to look at, in the folder that TRIFOLD_PICTURES names; without it none. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.TRIFOLD_PICTURES
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

function sayOrFail(reason: string): void {
  if (process.env.CI) throw new Error(`the tests need a browser: ${reason}`)
  process.stderr.write(`tests that need a browser are skipped: ${reason}\n`)
}

async function findBrowser(): Promise<string | undefined> {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = await findOnPath(name, process.env)
    if (found !== undefined) return found
  }
  return undefined
}
