import { shownNumber } from '../texts/texts.ts'

export interface Line {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

interface ChartProps {
  readonly title: string
  readonly across: string
  readonly up: string
  readonly lines: readonly Line[]
}

const WIDTH = 480
const HEIGHT = 240
const MARGIN = 40
/** Leaves room for the numbers of the axis that goes up. */
const LEFT = 60
/** Lines differ by their dashes too, for those who do not tell the colours apart. */
const DASHES = ['', '6 4', '2 3', '10 3 2 3']

/** Lines over two axes that begin at the least and end at the most of the points. */
export function Chart({ title, across, up, lines }: ChartProps) {
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) return null
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const place = ({ x, y }: { x: number; y: number }) =>
    `${LEFT + ((x - left) / (right - left || 1)) * (WIDTH - LEFT - MARGIN)},${
      HEIGHT - MARGIN - ((y - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN)
    }`
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        <path class="axes" d={`M${LEFT} ${MARGIN / 2}V${HEIGHT - MARGIN}H${WIDTH - MARGIN / 2}`} />
        {lines.map((line, i) => (
          <polyline
            key={line.name}
            class={`line line-${i % DASHES.length}`}
            stroke-dasharray={DASHES[i % DASHES.length]}
            points={line.points.map(place).join(' ')}
          />
        ))}
        <text x={LEFT} y={HEIGHT - MARGIN + 16}>
          {shownNumber(left)}
        </text>
        <text x={WIDTH - MARGIN} y={HEIGHT - MARGIN + 16} text-anchor="end">
          {shownNumber(right)}
        </text>
        <text x={WIDTH / 2} y={HEIGHT - 6} text-anchor="middle">
          {across}
        </text>
        <text x={LEFT - 4} y={HEIGHT - MARGIN} text-anchor="end">
          {shownNumber(low)}
        </text>
        <text x={LEFT - 4} y={MARGIN} text-anchor="end">
          {shownNumber(high)}
        </text>
        <text x={LEFT + 4} y={12}>
          {up}
        </text>
      </svg>
      {lines.length > 1 && (
        <figcaption>
          {lines.map((line, i) => (
            <span key={line.name} class={`legend line-${i % DASHES.length}`}>
              {line.name}
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  )
}
