import type { Page } from 'playwright-core'

export const textOf = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerText()

export async function signIn(page: Page, shop: string): Promise<void> {
  await page.goto(`${shop}/sign-in`)
  await page.getByRole('button', { name: 'Shop as this customer' }).click()
  await page.waitForURL('**/products')
}

/** Puts the first product into the cart and places it; the browser is at the orders of that target then. */
export async function placeOrder(page: Page, shop: string, target: string): Promise<void> {
  await page.goto(`${shop}/products?target=table`)
  await page.locator('.card').first().click()
  await page.getByRole('button', { name: 'Add to the cart' }).click()
  await page.locator('.place select').selectOption(target)
  await page.getByRole('button', { name: 'Place the order' }).click()
  await page.waitForURL('**/orders?**')
}
