import { brushing } from './brush.js'
import { placeOf, restore } from './focus.js'
import { suggesting } from './suggest.js'

// The page works without this. With it a change is shown at once, without loading the whole page.

const form = document.querySelector('#view')
const pause = 250

if (form) explore()

function explore() {
  let asking
  let typing

  document.documentElement.classList.add('live')
  show(location.href, 'replace', document)

  /** Shows another view: asks for its page and takes the parts over that differ. */
  async function go(address, remember = 'push') {
    asking?.abort()
    const own = new AbortController()
    asking = own
    document.body.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(address, { signal: own.signal, headers: { accept: 'text/html' } })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      if (!page.querySelector('#view')) return location.assign(answer.url)
      show(answer.url, remember, page)
    } catch (error) {
      if (error.name !== 'AbortError') location.assign(address)
    } finally {
      if (asking === own) document.body.removeAttribute('aria-busy')
    }
  }

  function show(address, remember, page) {
    if (page !== document) {
      const place = placeOf(form, document.activeElement)
      const menus = [...document.querySelectorAll('details[open] > summary')].map(({ textContent }) =>
        nameOf(textContent),
      )
      const scrolled = document.querySelector('.filters')?.scrollTop ?? 0
      form.replaceChildren(...page.querySelector('#view').childNodes)
      document.title = page.title
      takeWords(page)
      for (const summary of document.querySelectorAll('details > summary'))
        if (menus.includes(nameOf(summary.textContent))) summary.parentElement.open = true
      const filters = document.querySelector('.filters')
      if (filters) filters.scrollTop = scrolled
      restore(form, place)
    }
    if (remember === 'push' && address !== location.href) history.pushState(null, '', address)
    if (remember === 'replace') history.replaceState(null, '', address)
  }

  const nameOf = (text) => text.replace(/[\d/]+/g, '').trim()

  /** The box of the words stands outside of the form: it is written to only if nobody types in it. */
  function takeWords(page) {
    const [box, other] = [searchBox(document), searchBox(page)]
    if (box && other && document.activeElement !== box) box.value = other.value
  }

  /** The address of what the form says now. */
  function asked() {
    const said = new URLSearchParams(
      [...new FormData(form)].filter(([name, value]) => value !== '' || /^(is|not)\./.test(name)),
    )
    return `${form.action.split('?')[0]}?${said}`
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    clearTimeout(typing)
    go(asked())
  })

  document.addEventListener('change', ({ target }) => {
    if (target.form !== form || target === searchBox(document)) return
    clearTimeout(typing)
    go(asked())
  })

  document.addEventListener('input', ({ target }) => {
    if (target.form !== form || !('whileTyping' in target.dataset || target === searchBox(document))) return
    clearTimeout(typing)
    typing = setTimeout(() => go(asked(), target === searchBox(document) ? 'replace' : 'push'), pause)
  })

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href]')
    const isPlain =
      !event.defaultPrevented &&
      event.button === 0 &&
      !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    closeMenus(event.target)
    if (!link || !isPlain || link.hasAttribute('download')) return
    const address = new URL(link.getAttribute('href'), location.href)
    if (address.pathname !== location.pathname || address.origin !== location.origin || address.hash) return
    event.preventDefault()
    go(address.href)
  })

  addEventListener('popstate', () => go(location.href, 'keep'))

  document.addEventListener('keydown', (event) => {
    const box = searchBox(document)
    if (event.key === 'k' && (event.ctrlKey || event.metaKey) && box) {
      event.preventDefault()
      box.select()
    }
    if (event.key === 'Escape') {
      if (document.querySelector('details.menu[open]')) closeMenus(undefined)
      else document.querySelector('[data-close]')?.click()
    }
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.matches?.('[data-row]')) {
      event.preventDefault()
      const rows = [...document.querySelectorAll('[data-row]')]
      rows[rows.indexOf(event.target) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
    }
  })

  function closeMenus(apart) {
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(apart)) menu.open = false
  }

  brushing(form, (first, last) => {
    const { min, max } = document.querySelector('#brush').dataset
    const address = new URL(asked())
    address.searchParams.set(min, first)
    address.searchParams.set(max, last)
    go(address.href)
  })
  const box = searchBox(document)
  if (box) suggesting(box, () => go(asked()))
}

function searchBox(page) {
  return page.querySelector('[data-search]')
}
