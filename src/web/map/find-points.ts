import { HIDDEN } from './colours.ts'
import { type Place, pixelOf, placeAt, type Size, type View } from './view.ts'

/** Gives the point nearest to a pixel, within some pixels of it; null where there is none. */
export function nearestPoint(
  points: Float32Array,
  classes: Uint8Array,
  view: View,
  size: Size,
  at: Place,
  within: number,
): number | null {
  const { x, y } = placeAt(view, size, at)
  let best: number | null = null
  let least = (within / view.scale) ** 2
  for (let i = 0; i < classes.length; i++) {
    if (classes[i] === HIDDEN) continue
    const squared = (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2
    if (squared > least) continue
    least = squared
    best = i
  }
  return best
}

/** Gives the points that are in sight. */
export function pointsInSight(
  points: Float32Array,
  classes: Uint8Array,
  view: View,
  size: Size,
): number[] {
  const { x: left, y: high } = placeAt(view, size, { x: 0, y: 0 })
  const { x: right, y: low } = placeAt(view, size, { x: size.width, y: size.height })
  const found: number[] = []
  for (let i = 0; i < classes.length; i++) {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!]
    if (x < left || x > right || y < low || y > high || classes[i] === HIDDEN) continue
    found.push(i)
  }
  return found
}

/** Gives the points that a closed line of pixels is around (by the number of its sides that a ray from the point crosses). */
export function pointsWithin(
  points: Float32Array,
  classes: Uint8Array,
  view: View,
  size: Size,
  line: readonly Place[],
): number[] {
  return pointsInSight(points, classes, view, size).filter((i) => {
    const { x, y } = pixelOf(view, size, points[2 * i]!, points[2 * i + 1]!)
    let inside = false
    let a = line.at(-1)!
    // A plain loop: it runs for each point in sight.
    for (let at = 0; at < line.length; at++) {
      const b = line[at]!
      if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside
      a = b
    }
    return inside
  })
}
