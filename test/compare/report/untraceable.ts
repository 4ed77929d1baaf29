import type { Comparison, GrowthComparison } from '../../../packages/compare/src/comparison.ts'
import type { Element, Page } from './drawn-marks.ts'
import { nearestRank, type Stated, statedNumbers, states } from './stated-numbers.ts'

/**
 * Numbers of the page that neither stand in the document nor are a median of samples in it. Passed over are those that name
 * their figure, the labels of axes, and words that stand in the document themselves: names, sentences, reasons.
 */
export function untraceable(page: Page, document: Comparison | GrowthComparison): string[] {
  const known = knownOf(document)
  const texts = [...page.querySelectorAll('main, main *')].filter((one) => !passedOver(one)).flatMap(ownText)
  return texts
    .filter((text) => /\d/.test(text))
    .map((text) => (known.words.some((words) => words.includes(text)) ? '' : without(text, known.words)))
    .flatMap(statedNumbers)
    .filter((stated) => !known.numbers.some((number) => states(stated, number)))
    .map(({ written }: Stated) => written)
}

const without = (text: string, words: readonly string[]): string =>
  words.filter((one) => /\d/.test(one)).reduce((left, one) => left.replaceAll(one, ' '), text)

const passedOver = (element: Element): boolean =>
  element.closest('style, [data-figure], #document, [data-mark$="tick label"]') !== null

const ownText = (element: Element): string[] =>
  [...element.childNodes].filter((one) => one.nodeType === 3).flatMap(({ textContent }) => textContent?.trim() || [])

interface Known {
  words: string[]
  numbers: number[]
}

/** Every string and number in a document, requests as they are written, and the median of every list of samples. */
function knownOf(value: unknown): Known {
  if (typeof value === 'number') return { words: [], numbers: [value] }
  if (typeof value === 'string') return { words: wordsOf(value), numbers: [] }
  if (typeof value !== 'object' || value === null) return { words: [], numbers: [] }
  const inner = Object.values(value).map(knownOf)
  const { samples } = value as { samples?: { value: number }[] }
  const median = samples
    ? [
        nearestRank(
          samples.map((one) => one.value),
          50,
        ),
      ]
    : []
  const request = 'find' in value || 'summarize' in value ? [JSON.stringify(value)] : []
  return {
    words: [...inner.flatMap((one) => one.words), ...request],
    numbers: [...inner.flatMap((one) => one.numbers), ...median],
  }
}

/** A text, its parts between backquotes, and a time as the page writes it. */
const wordsOf = (text: string): string[] => [
  text,
  ...text.split('`'),
  text.slice(0, 16).replace('T', ' ').concat(' UTC'),
]
