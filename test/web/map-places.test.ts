import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { pageModule } from '../support/page-module.ts'

interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}
interface Size {
  readonly width: number
  readonly height: number
}
type Place = Pick<View, 'x' | 'y'>

const { viewOf, viewOfAll, zoomed } = await pageModule<{
  viewOfAll: (points: Float32Array, size: Size) => View
  viewOf: (points: Float32Array, places: readonly number[], all: View, size: Size) => View
  zoomed: (view: View, all: View, size: Size, factor: number, at: Place) => View
}>('map/view.ts')
const { pointsWithin } = await pageModule<{
  pointsWithin: (
    points: Float32Array,
    classes: Uint8Array,
    view: View,
    size: Size,
    line: readonly Place[],
  ) => number[]
}>('map/find-points.ts')
const { colourBy } = await pageModule<{
  colourBy: (
    field: object | null,
    count: number,
    hidden: readonly number[],
  ) => {
    classes: Uint8Array
    legend: readonly { kind: string; value: unknown; colour: number; count: number }[]
  }
}>('map/colours.ts')

const size = { width: 1000, height: 500 }
const middle = { x: 500, y: 250 }
const spread = Float32Array.from([0, 0, 1, 1, 0.5, 0.2, 0.5, 0.2, 0.5, 0.2 + 1e-7])

for (const [name, places] of [
  ['one point', [0]],
  ['two points in one place', [2, 3]],
  ['two points that are nearly in one place', [2, 4]],
] as const) {
  test(`${name} is shown closer than all, and no closer than one can go`, () => {
    const all = viewOfAll(spread, size)
    const { x, y, scale } = viewOf(spread, places, all, size)
    assert.ok(scale > 5 * all.scale, `${scale} of ${all.scale}`)
    const closest = zoomed(all, all, size, 1e12, middle).scale
    assert.ok(scale <= closest, `${scale} of ${closest}`)
    assert.ok(Math.abs(x - spread[2 * places[0]]!) < 1e-6)
    assert.ok(Math.abs(y - spread[2 * places[0] + 1]!) < 1e-6)
  })
}

for (const [name, points] of [
  ['one record', [3, 4]],
  ['two records', [3, 4, 5, 6]],
  ['records that are all equal', [3, 4, 3, 4, 3, 4]],
] as const) {
  test(`a map of ${name} has them in the middle, and goes closer`, () => {
    const all = viewOfAll(Float32Array.from(points), size)
    const closer = viewOf(Float32Array.from(points), [0], all, size)
    assert.ok(all.scale > 0 && Number.isFinite(all.scale))
    assert.ok(Number.isFinite(closer.scale) && closer.scale > all.scale)
    assert.deepEqual([closer.x, closer.y], [3, 4])
  })
}

test('where no points are asked for, or none are on the map, all are shown', () => {
  const all = viewOfAll(spread, size)
  assert.deepEqual(viewOf(spread, [], all, size), all)
})

test('a lasso is around the points that are on the inner side of each of its corners', () => {
  const seed = 3
  const random = seededRandom(seed)
  const points = Float32Array.from({ length: 4000 }, () => random())
  const view = { x: 0.5, y: 0.5, scale: 500 }
  // Convex, so that there is another way to tell.
  const line = Array.from({ length: 7 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 7
    return { x: 500 + 150 * Math.cos(angle), y: 250 + 150 * Math.sin(angle) }
  })
  const wanted = Array.from({ length: 2000 }, (_, i) => i).filter((i) => {
    const x = 500 + (points[2 * i]! - 0.5) * 500
    const y = 250 - (points[2 * i + 1]! - 0.5) * 500
    return line.every((a, at) => {
      const b = line[(at + 1) % line.length]!
      return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > 0
    })
  })
  assert.ok(wanted.length > 300)
  const found = pointsWithin(points, new Uint8Array(2000), view, size, line)
  assert.deepEqual(found, wanted, `seed ${seed}`)
})

test('a number that is infinite as 32 bits leaves the colours of the others', () => {
  const numbers = Float32Array.from([0, 1, 2, 3, 1e300, -1e300, Number.NaN])
  const { classes, legend } = colourBy({ name: 'i', kind: 'numbers', numbers }, 7, [])
  assert.equal(new Set(classes.slice(0, 4)).size, 4)
  assert.deepEqual([classes[4], classes[5]], [classes[3], classes[0]])
  assert.deepEqual(
    legend.map(({ value, count }) => [value, count]),
    [
      [0, 2],
      [0.5, 0],
      [1, 1],
      [1.5, 0],
      [2, 1],
      [2.5, 2],
      [null, 1],
    ],
  )
})

test('points that are hidden are in no line of the legend, and 1 and "1" are two', () => {
  const places = Uint16Array.from([1, 1, 2, 3, 0])
  const field = { name: 'a', kind: 'values', values: [1, '1', true], places }
  const { classes, legend } = colourBy(field, 5, [0, 4])
  assert.deepEqual([classes[0], classes[4]], [255, 255])
  assert.deepEqual(
    legend.map(({ value, count }) => [value, count]),
    [
      [1, 1],
      ['1', 1],
      [true, 1],
    ],
  )
  assert.equal(new Set(legend.map(({ colour }) => colour)).size, 3)
})
