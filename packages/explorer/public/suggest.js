/** Completes what somebody types, by the words of the rows. */
export function suggesting(box, search) {
  const list = document.querySelector('#suggestions')
  let asking
  let at = -1

  box.addEventListener('input', async () => {
    asking?.abort()
    if (box.value.trim() === '') return close()
    asking = new AbortController()
    const { address, terms } = document.querySelector('#suggest')?.dataset ?? {}
    if (!address) return
    const request = JSON.stringify({ ...JSON.parse(terms), text: box.value })
    try {
      const answer = await fetch(`${address}?${new URLSearchParams({ request })}`, { signal: asking.signal })
      if (answer.ok) open((await answer.json()).suggestions)
    } catch {
      close() // another one is under way, or there is no server
    }
  })

  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault()
      event.stopPropagation()
      return close()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && !list.hidden) {
      event.preventDefault()
      choose((at + step + list.children.length) % list.children.length)
    }
    if (event.key === 'Enter' && at >= 0 && !list.hidden) {
      event.preventDefault()
      take(list.children[at])
    } else if (event.key === 'Enter') close()
  })

  box.addEventListener('blur', () => setTimeout(close, 150))
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    const option = event.target.closest('[role=option]')
    if (option) take(option)
  })

  function open(suggestions) {
    const others = suggestions.filter(({ text }) => text !== box.value.trim())
    if (others.length === 0 || document.activeElement !== box) return close()
    list.replaceChildren(...others.map(optionOf))
    list.hidden = false
    box.setAttribute('aria-expanded', 'true')
    choose(-1)
  }

  function optionOf({ text, count }, place) {
    const option = document.createElement('li')
    option.id = `suggestion-${place}`
    option.setAttribute('role', 'option')
    option.dataset.text = text
    const number = document.createElement('span')
    number.className = 'count'
    number.textContent = count
    option.append(text, number)
    return option
  }

  function choose(place) {
    at = place
    for (const [i, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(i === place))
    if (place < 0) box.removeAttribute('aria-activedescendant')
    else box.setAttribute('aria-activedescendant', `suggestion-${place}`)
  }

  function take(option) {
    box.value = option.dataset.text
    close()
    search()
  }

  function close() {
    list.hidden = true
    at = -1
    box.setAttribute('aria-expanded', 'false')
    box.removeAttribute('aria-activedescendant')
  }
}
