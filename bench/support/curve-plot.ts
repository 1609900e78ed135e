import { writeFileSync } from 'node:fs'

export interface Curve {
  readonly name: string
  readonly points: readonly { readonly recall: number; readonly perSecond: number }[]
}

const WIDTH = 720
const HEIGHT = 420
const LEFT = 70
const RIGHT = 190
const TOP = 40
const BOTTOM = 50
const COLOURS = ['#1b6ca8', '#c2571a', '#3c7d3c', '#8a4f9e', '#555555']
const STEPS = 5

/** Draws recall against queries a second, as bench/results/NAME.svg. */
export function writeCurves(name: string, title: string, curves: readonly Curve[]): void {
  const points = curves.flatMap((curve) => curve.points)
  const least = Math.floor(Math.min(...points.map(({ recall }) => recall)) * 50) / 50
  const most = Math.ceil(Math.max(...points.map(({ perSecond }) => perSecond)) / 1000) * 1000
  const x = (recall: number) => LEFT + ((recall - least) / (1 - least)) * (WIDTH - LEFT - RIGHT)
  const y = (perSecond: number) => HEIGHT - BOTTOM - (perSecond / most) * (HEIGHT - TOP - BOTTOM)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 20, title, 'start'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, 'recall@10', 'middle'),
    text(LEFT, TOP - 6, 'queries a second', 'middle'),
  ]
  for (let step = 0; step <= STEPS; step++) {
    const recall = least + ((1 - least) * step) / STEPS
    const perSecond = (most * step) / STEPS
    parts.push(
      line(
        [
          [x(recall), y(0)],
          [x(recall), y(most)],
        ],
        '#dddddd',
      ),
    )
    parts.push(
      line(
        [
          [x(least), y(perSecond)],
          [x(1), y(perSecond)],
        ],
        '#dddddd',
      ),
    )
    parts.push(text(x(recall), y(0) + 18, recall.toFixed(3), 'middle'))
    parts.push(text(LEFT - 8, y(perSecond) + 4, String(perSecond), 'end'))
  }
  for (const [i, { name: label, points: curve }] of curves.entries()) {
    const colour = COLOURS[i % COLOURS.length]!
    const places = curve.map(({ recall, perSecond }) => [x(recall), y(perSecond)] as const)
    parts.push(line(places, colour, 2))
    for (const [cx, cy] of places) {
      parts.push(`<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colour}"/>`)
    }
    const at = TOP + 10 + i * 20
    parts.push(
      line(
        [
          [WIDTH - RIGHT + 15, at],
          [WIDTH - RIGHT + 35, at],
        ],
        colour,
        2,
      ),
    )
    parts.push(text(WIDTH - RIGHT + 42, at + 4, label, 'start'))
  }
  writeFileSync(`bench/results/${name}.svg`, `${[...parts, '</svg>'].join('\n')}\n`)
}

function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`
}

function line(places: readonly (readonly [number, number])[], colour: string, width = 1): string {
  const points = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="${width}"/>`
}
