import type { Marks } from './marks.ts'
import { type Place, pixelOf, type Size, type View } from './view.ts'

/** Draws rings around points that are pointed out or at, lines from those asked for to their neighbours, and the line of a lasso. */
export function drawMarks(
  canvas: HTMLCanvasElement,
  size: Size,
  points: Float32Array,
  view: View,
  { asked, near }: Marks,
  hovered: number | null,
  lasso: readonly Place[],
): void {
  const context = canvas.getContext('2d')!
  context.setTransform(canvas.width / size.width, 0, 0, canvas.height / size.height, 0, 0)
  context.clearRect(0, 0, size.width, size.height)
  const { color } = getComputedStyle(canvas)
  context.strokeStyle = color
  context.lineWidth = 2
  const pixels = (places: readonly number[]) =>
    places.map((i) => pixelOf(view, size, points[2 * i]!, points[2 * i + 1]!))
  const neighbours = pixels(near)
  context.globalAlpha = 0.35
  for (const from of pixels(asked)) {
    for (const to of neighbours) stroke(context, [from, to])
  }
  context.globalAlpha = 1
  for (const at of neighbours) ring(context, at, 7)
  for (const at of pixels(asked)) {
    ring(context, at, 7)
    ring(context, at, 11)
  }
  for (const at of pixels(hovered === null ? [] : [hovered])) ring(context, at, 7)
  if (lasso.length < 2) return
  context.setLineDash([6, 4])
  stroke(context, [...lasso, lasso[0]!])
  context.setLineDash([])
}

function stroke(context: CanvasRenderingContext2D, line: readonly Place[]): void {
  context.beginPath()
  for (const { x, y } of line) context.lineTo(x, y)
  context.stroke()
}

function ring(context: CanvasRenderingContext2D, { x, y }: Place, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
}
