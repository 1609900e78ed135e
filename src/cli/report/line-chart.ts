import { escapeHtml } from './html-page.ts'
import type { Chart, Series } from './report-document.ts'

const [WIDTH, HEIGHT] = [640, 300]
const EDGE = { left: 56, right: 12, top: 52, bottom: 40 }
const TICKS = 5
/** Colours of Okabe and Ito, which can be distinguished without seeing all colours. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000']
const DASHES = ['', '6 3', '2 3', '8 3 2 3']
const GREY = '#444'
/** Pixels of an entry of the legend, at most. */
const LEGEND_STEP = 95

type Range = readonly [low: number, high: number]

/** Draws one series or more as SVG, on white. Each point shows its numbers when it is pointed at. */
export function lineChart({ title, x, series }: Chart): string {
  const points = series.flatMap((one) => one.points)
  const across = rangeOf(points.map(([at]) => at))
  const up = rangeOf(points.map(([, value]) => value))
  const toX = scale(across, [EDGE.left, WIDTH - EDGE.right])
  const toY = scale(up, [HEIGHT - EDGE.bottom, EDGE.top])
  const kinds = [...new Set(series.map(({ kind }) => kind))]
  const strokes = [...new Set(series.map(({ stroke }) => stroke))]
  const colourOf = (kind: string) => COLOURS[kinds.indexOf(kind) % COLOURS.length]!
  const dashOf = (stroke: string) => DASHES[strokes.indexOf(stroke) % DASHES.length]!
  const entries = [
    ...kinds.map((kind) => ({ name: kind, colour: colourOf(kind), dash: '' })),
    // One alone says nothing.
    ...(strokes.length < 2 ? [] : strokes).map((stroke) => {
      return { name: stroke, colour: GREY, dash: dashOf(stroke) }
    }),
  ]
  const step = Math.min(LEGEND_STEP, (WIDTH - EDGE.left - EDGE.right) / entries.length)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12">
<title>${escapeHtml(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${EDGE.left}" y="18" font-weight="600">${escapeHtml(title)}</text>
${entries.map((entry, i) => legend(entry, EDGE.left + i * step)).join('\n')}
${ticks(up)
  .map((value) => horizontal(toY(value), value))
  .join('\n')}
${ticks(across)
  .map((value) => text(toX(value), HEIGHT - EDGE.bottom + 16, 'middle', value.toFixed(0)))
  .join('\n')}
${text(WIDTH / 2, HEIGHT - 6, 'middle', x)}
${series.map((one) => line(one, colourOf(one.kind), dashOf(one.stroke), toX, toY)).join('\n')}
</svg>
`
}

function line(
  { name, points }: Series,
  colour: string,
  dash: string,
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  const places = points.map(([at, value]) => `${toX(at).toFixed(1)},${toY(value).toFixed(1)}`)
  const dots = points.map(([at, value], i) => {
    const [cx, cy] = places[i]!.split(',')
    const tip = escapeHtml(`${name}, ${at}: ${value.toFixed(4)}`)
    return `<circle cx="${cx}" cy="${cy}" r="2.5"><title>${tip}</title></circle>`
  })
  return `<g fill="${colour}"><polyline points="${places.join(' ')}" fill="none" stroke="${colour}"${dashed(dash)} stroke-width="1.5"/>${dots.join('')}</g>`
}

function legend(
  { name, colour, dash }: { readonly name: string; readonly colour: string; readonly dash: string },
  x: number,
): string {
  return `<path d="M${x.toFixed(1)} 34h18" stroke="${colour}"${dashed(dash)} stroke-width="2"/>${text(x + 22, 38, 'start', name)}`
}

function dashed(dash: string): string {
  return dash === '' ? '' : ` stroke-dasharray="${dash}"`
}

function horizontal(y: number, value: number): string {
  const rule = `<path d="M${EDGE.left} ${y.toFixed(1)}H${WIDTH - EDGE.right}" stroke="#ddd"/>`
  return `${rule}${text(EDGE.left - 6, y + 4, 'end', value.toPrecision(3))}`
}

function text(x: number, y: number, anchor: 'start' | 'middle' | 'end', words: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#444">${escapeHtml(words)}</text>`
}

/** Gives the range of values, at least some width, so that it can be divided by. */
function rangeOf(values: readonly number[]): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const half = (high - low || Math.abs(high) * 0.1 || 1) / 2
  const middle = (low + high) / 2
  return [middle - half, middle + half]
}

function ticks([low, high]: Range): number[] {
  return Array.from({ length: TICKS }, (_, i) => low + (i * (high - low)) / (TICKS - 1))
}

function scale([low, high]: Range, [from, to]: Range): (value: number) => number {
  return (value) => from + ((value - low) / (high - low)) * (to - from)
}
