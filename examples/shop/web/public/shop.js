// The pages work without this. With it, a changed choice is sent at once.
for (const field of document.querySelectorAll('[data-submits]')) {
  field.addEventListener('change', () => field.form.requestSubmit())
}
