/** What has the focus, in a way that finds it in another page. */
export function placeOf(form, element) {
  if (!element || !form.contains(element)) return undefined
  const { name, value, type, selectionStart, selectionEnd } = element
  if (name) return { name, value, isText: type === 'search' || type === 'text', selectionStart, selectionEnd }
  return { label: element.getAttribute('aria-label') ?? element.textContent, opens: 'row' in element.dataset }
}

/** Gives the focus back to what had it, with what was typed meanwhile. */
export function restore(form, place) {
  const details = document.querySelector('#details-title')
  if (details && place?.opens) return details.focus()
  if (!place) return
  if (place.name) {
    const all = [...form.elements].filter((one) => one.name === place.name)
    const same = all.find((one) => place.isText || one.type !== 'checkbox' || one.value === place.value) ?? all[0]
    same?.focus({ preventScroll: true })
    if (same && place.isText) {
      same.value = place.value
      same.setSelectionRange(place.selectionStart, place.selectionEnd)
    }
    return
  }
  const links = [...form.querySelectorAll('a, button, summary')]
  const same = links.find((one) => (one.getAttribute('aria-label') ?? one.textContent) === place.label)
  ;(same ?? document.querySelector('#answer'))?.focus({ preventScroll: true })
}
