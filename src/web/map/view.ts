/** The part of a map that is shown: what is in the middle, and the pixels for each unit. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Of the picture, in its own pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface Place {
  readonly x: number
  readonly y: number
}

/** The share of a side that is left free around what is shown. */
const MARGIN = 0.06
/** How much closer and farther than all points one can go. */
const CLOSEST = 20_000
const FARTHEST = 0.2

/** How much closer than all points one goes to a single place. */
const CLOSE = 16

/** Shows all points. Points in one place have no extent, so any scale shows them. */
export function viewOfAll(points: Float32Array, size: Size): View {
  const found = fitting(points, null, size)
  if (found === null) return { x: 0, y: 0, scale: 1 }
  return Number.isFinite(found.scale) ? found : { ...found, scale: 1 }
}

/** Shows some points, all where there are none, no closer or farther than one can go. @param all the view of all points. */
export function viewOf(
  points: Float32Array,
  places: readonly number[],
  all: View,
  size: Size,
): View {
  const found = fitting(points, places, size)
  if (found === null) return all
  const wanted = Number.isFinite(found.scale) ? found.scale : all.scale * CLOSE
  return { ...found, scale: within(wanted, all) }
}

/** The closest view with all these points, or every one; its scale is infinite where they are in one place. Null without points. */
function fitting(points: Float32Array, places: readonly number[] | null, size: Size): View | null {
  let [left, right, low, high] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  const take = (i: number) => {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!]
    if (x < left) left = x
    if (x > right) right = x
    if (y < low) low = y
    if (y > high) high = y
  }
  if (places === null) for (let i = 0; i < points.length / 2; i++) take(i)
  else for (const i of places) take(i)
  if (left > right) return null
  const room = 1 - 2 * MARGIN
  const across = (size.width * room) / (right - left)
  const up = (size.height * room) / (high - low)
  return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.min(across, up) }
}

function within(scale: number, all: View): number {
  return Math.max(all.scale * FARTHEST, Math.min(all.scale * CLOSEST, scale))
}

/** Where a pixel of the picture lies on the map. */
export function placeAt(view: View, size: Size, at: Place): Place {
  return {
    x: view.x + (at.x - size.width / 2) / view.scale,
    y: view.y - (at.y - size.height / 2) / view.scale,
  }
}

/** The pixel at which a point is shown. */
export function pixelOf(view: View, size: Size, x: number, y: number): Place {
  return {
    x: (x - view.x) * view.scale + size.width / 2,
    y: size.height / 2 - (y - view.y) * view.scale,
  }
}

/** Moves what is shown by some pixels. */
export function moved(view: View, by: Place): View {
  return { ...view, x: view.x - by.x / view.scale, y: view.y + by.y / view.scale }
}

/** Goes closer by a factor; what is at a pixel stays there. @param all the view of all points. */
export function zoomed(view: View, all: View, size: Size, factor: number, at: Place): View {
  const scale = within(view.scale * factor, all)
  const fixed = placeAt(view, size, at)
  const after = placeAt({ ...view, scale }, size, at)
  return { x: view.x + fixed.x - after.x, y: view.y + fixed.y - after.y, scale }
}
