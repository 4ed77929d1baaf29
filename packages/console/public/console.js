import { placeOf, restore } from './focus.js'

// The pages work without this. With it they follow what happens, and show times in the zone of the browser.

const patience = 20_000
const live = document.querySelector('#live')
const lost = document.querySelector('#lost')
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
let seenAt = new Date()
let looking

if (live) follow()
else if (tellZone() && knowsZone()) location.reload()

function follow() {
  document.documentElement.classList.add('live')
  const isOther = tellZone()
  setInterval(() => document.hidden || look(), live.dataset.seconds * 1_000)
  document.addEventListener('visibilitychange', () => document.hidden || look())
  addEventListener('online', () => look())
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && closeMenus(undefined))
  document.addEventListener('click', ({ target }) => closeMenus(target))
  if (isOther) look()
}

function knowsZone() {
  return document.cookie.split('; ').includes(`trifold-zone=${zone}`)
}

/** @returns whether the page was made for another zone */
function tellZone() {
  if (knowsZone()) return false
  // biome-ignore lint/suspicious/noDocumentCookie: the other interface is not in every browser
  document.cookie = `trifold-zone=${zone}; path=/; samesite=lax; max-age=31536000`
  return true
}

/** Asks for this page again and takes over what differs. */
async function look() {
  if (looking) return
  looking = true
  try {
    const signal = AbortSignal.timeout(patience)
    const answer = await fetch(location.href, { signal, headers: { accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const next = page.querySelector('#live')
    if (!next && answer.redirected) return location.assign(answer.url)
    if (!next) throw new Error(page.querySelector('h1')?.textContent ?? `status ${answer.status}`)
    take(next)
    seenAt = new Date()
    say('')
  } catch (error) {
    say(`Connection lost (${error.message}). What you see is of ${seenAt.toLocaleTimeString('sv')}; it is tried again.`)
  } finally {
    looking = false
  }
}

function say(text) {
  if (lost.textContent !== text) lost.textContent = text
  document.documentElement.classList.toggle('stale', text !== '')
}

/** A menu that is open stays open, and what has the focus keeps it. */
function take(next) {
  if (next.innerHTML === live.innerHTML) return
  const place = placeOf(live, document.activeElement)
  const open = [...live.querySelectorAll('details[open] > summary')].map(nameOf)
  live.replaceChildren(...next.childNodes)
  for (const summary of live.querySelectorAll('details > summary'))
    if (open.includes(nameOf(summary))) summary.parentElement.open = true
  restore(live, place)
}

function nameOf(summary) {
  return summary.getAttribute('aria-label') ?? summary.textContent
}

function closeMenus(apart) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(apart)) menu.open = false
}
