/** Days are chosen by drawing over the bars. */
export function brushing(area, choose) {
  let drawn

  area.addEventListener('pointerdown', (event) => {
    const chart = event.target.closest?.('[data-brush]')
    const bar = event.target.closest?.('[data-first]')
    if (!chart || !bar || event.button !== 0) return
    drawn = { chart, from: bar, to: bar }
  })

  area.addEventListener('pointermove', (event) => {
    if (!drawn) return
    const bar = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-first]')
    if (bar && drawn.chart.contains(bar)) drawn.to = bar
    mark()
  })

  addEventListener('pointerup', () => {
    if (!drawn) return
    const [first, last] = ends()
    const wasDrawn = drawn.from !== drawn.to
    drawn = undefined
    if (!wasDrawn) return
    addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => removeEventListener('click', swallow, { capture: true }))
    choose(first.dataset.first, last.dataset.last)
  })

  area.addEventListener('dragstart', (event) => {
    if (event.target.closest?.('[data-brush]')) event.preventDefault()
  })

  const swallow = (event) => {
    event.preventDefault()
    event.stopPropagation()
  }

  function ends() {
    const bars = [...drawn.chart.querySelectorAll('[data-first]')]
    return [drawn.from, drawn.to].sort((one, other) => bars.indexOf(one) - bars.indexOf(other))
  }

  function mark() {
    const bars = [...drawn.chart.querySelectorAll('[data-first]')]
    const [first, last] = ends().map((bar) => bars.indexOf(bar))
    bars.forEach((bar, place) => {
      bar.classList.toggle('apart', place < first || place > last)
    })
  }
}
