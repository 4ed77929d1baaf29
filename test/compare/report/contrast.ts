import type { Page } from 'playwright-core'

/**
 * Texts of the page whose contrast with what lies behind them is below 4.5 (WCAG 2.2, success criterion 1.4.3; relative
 * luminance as defined there), each with its colours.
 */
export function contrastFailures(page: Page): Promise<string[]> {
  return page.evaluate(inPage) as Promise<string[]>
}

const inPage = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const background = (element) => {
    for (let here = element; here; here = here.parentElement) {
      const color = rgba(getComputedStyle(here).backgroundColor)
      if (color[3] === 255) return color
    }
    return [255, 255, 255, 255]
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const failures = new Set()
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement
    if (node.textContent.trim() === '' || element.tagName === 'STYLE' || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const color = element.closest('svg') ? style.fill : style.color
    const [one, other] = [luminance(rgba(color)), luminance(background(element))]
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) failures.add(node.textContent.trim().slice(0, 40) + ': ' + color + ', ' + contrast.toFixed(2))
  }
  return [...failures]
})()`
