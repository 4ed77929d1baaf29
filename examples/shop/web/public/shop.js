// The pages work without this. With it, a changed choice is sent at once.
for (const field of document.querySelectorAll('[data-submits]')) {
  field.addEventListener('change', () => field.form.requestSubmit())
}

// Completes what is typed into a search field, with words of products that there are.
for (const field of document.querySelectorAll('[data-suggests]')) {
  let asked = 0
  field.addEventListener('input', async () => {
    const mine = ++asked
    const answer = await fetch(`${field.dataset.suggests}?${new URLSearchParams({ q: field.value })}`)
    if (!answer.ok || mine !== asked) return
    const options = (await answer.json()).map(({ text, count }) => new Option(`${count}`, text))
    field.list.replaceChildren(...options)
  })
}
