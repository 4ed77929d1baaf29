import type { parseHTML } from 'linkedom'
import { statedNumbers } from './stated-numbers.ts'

export type Page = ReturnType<typeof parseHTML>['document']
export type Element = NonNullable<ReturnType<Page['querySelector']>>

type Scale = 'linear' | 'logarithmic'

/** The marks of a drawing, as the labels of its axes say them: those of one colour are of one answerer. */
export function drawnMarks(svg: Element, scales: { x: Scale; y: Scale }): { x: number; y: number; color: string }[] {
  const [x, y] = [axisOf(svg, 'x', scales.x), axisOf(svg, 'y', scales.y)]
  return [...svg.querySelectorAll('g[data-mark=dot]')].flatMap((group) =>
    [...group.children].map((mark) => {
      const [left, top] = placeOf(mark)
      return { x: x(left), y: y(top), color: group.getAttribute('fill')! }
    }),
  )
}

/** What the upright axis, a linear one, says of the highest point of a line. */
export function highest(svg: Element, line: Element): number {
  const path = line.querySelector('path')!.getAttribute('d')!
  const tops = [...path.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, top]) => Number(top))
  return axisOf(svg, 'y', 'linear')(Math.min(...tops))
}

/** What a place on an axis means, by the first and the last of its labels. */
function axisOf(svg: Element, axis: 'x' | 'y', scale: Scale): (place: number) => number {
  const labels = [...svg.querySelectorAll(`g[data-mark="${axis}-axis tick label"] text`)]
  const ends = [labels[0]!, labels.at(-1)!].map((label) => ({
    place: placeOf(label)[axis === 'x' ? 0 : 1],
    value: statedNumbers(label.textContent!)[0]!.value,
  }))
  const [to, back] = scale === 'linear' ? [Number, Number] : [Math.log, Math.exp]
  const [first, last] = ends as [(typeof ends)[0], (typeof ends)[0]]
  const step = (to(last.value) - to(first.value)) / (last.place - first.place)
  return (place) => back(to(first.value) + (place - first.place) * step)
}

function placeOf(mark: Element): [left: number, top: number] {
  const center = [mark.getAttribute('cx'), mark.getAttribute('cy')]
  const moved = /translate\(([^,]+),([^)]+)\)/.exec(mark.getAttribute('transform') ?? '')?.slice(1)
  return (center[0] === null ? moved! : center).map(Number) as [number, number]
}
