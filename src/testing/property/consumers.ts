import type { KitTarget } from '../kit-target.ts'
import { type Death, dyingClient, heldUpClient } from './watched-client.ts'

// What may befall the consumer of one target. Each makes a window first, so that there is something to apply.

/** A page is applied. */
export async function applyPage(target: KitTarget, size: number): Promise<void> {
  await target.driver.feed.tick()
  const applied = await target.driver.onePage(target.lease, size)
  if (applied === 'lost') throw new Error(`${target.name} has lost its lease to nobody`)
}

/**
 * The consumer dies at a statement while it applies a page, and another one takes over. What is kept in memory would be gone
 * once the cursor has moved, so it dies ahead of that.
 *
 * @returns whether it came to that statement
 */
export async function crash(target: KitTarget, size: number, death: Death): Promise<boolean> {
  const { driver } = target
  await driver.feed.tick()
  const executed = death.executed && !target.inMemory
  const { client, isDead } = dyingClient(driver.client, { ...death, executed })
  try {
    await driver.onePage(target.lease, size, client)
  } catch (error) {
    if (!isDead()) throw error
  }
  await driver.client.query('rollback')
  await target.takeOver()
  return isDead()
}

/**
 * The consumer reads a page and is held up; another one takes over and applies it; then the first one goes on, and must find
 * that it has lost the lease.
 *
 * @returns whether there was a page
 */
export async function overtake(target: KitTarget, size: number): Promise<boolean> {
  const { driver, lease } = target
  await driver.feed.tick()
  let overtaken = false
  const client = heldUpClient(driver.client, async () => {
    overtaken = true
    await target.takeOver()
    await driver.onePage(target.lease, size)
  })
  const applied = await driver.onePage(lease, size, client).catch((error) => {
    if (overtaken) return 'lost'
    throw error
  })
  if (overtaken && applied !== 'lost') throw new Error(`${target.name} was written by two consumers at once`)
  return overtaken
}
