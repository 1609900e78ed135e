import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricIndex } from '../../src/index/metric/metric-index.ts'
import type { MetricAnswer } from '../../src/index/metric/search.ts'
import { editDistance } from '../../src/vector/metric/edit-distance.ts'
import type { Metric } from '../../src/vector/metric/metric.ts'
import { euclidean } from '../../src/vector/metric/minkowski.ts'
import { type Random, seededRandom } from '../../src/vector/random.ts'
import type { CheckedIndex } from './checked-structures.ts'
import { failsWith } from './errors.ts'
import { forEachSpace, type MetricSpace } from './metric-spaces.ts'

/** An empty index of the structure under test. */
export type MakeMetricIndex = <T>(metric: Metric<T>, random: Random) => CheckedIndex<T>

interface Found {
  readonly id: number
  readonly distance: number
}

const COUNT = 150

/** Every MetricIndex answers as a plain loop over all objects would, whatever was done to it. */
export function describeMetricIndex(name: string, make: MakeMetricIndex): void {
  forEachSpace((space) => {
    test(`${name}: ${space.name}: equal to a scan through its whole life`, () => {
      wholeLife(space, make)
    })
  })

  test(`${name}: finds nothing in an empty index`, () => {
    const index = make(euclidean, seededRandom(1))
    const query = Float32Array.of(1, 2)
    assert.equal(index.range(query, 5).ids.length, 0)
    assert.equal(index.nearest(query, 3).ids.length, 0)
    assert.deepEqual([...index.incremental(query)], [])
    assert.equal(index.delete(7), false)
    assert.deepEqual(index.check(), [])
    const copy = make(euclidean, seededRandom(1))
    copy.restore(index.serialise(), () => undefined)
    assert.equal(copy.size, 0)
  })

  test(`${name}: finds one object, and nothing once it is deleted`, () => {
    const index = make(editDistance, seededRandom(1))
    index.insert(4, 'kitten')
    assert.deepEqual([...index.incremental('sitting')], [{ id: 4, distance: 3 }])
    assert.deepEqual([...index.nearest('sitting', 9).ids], [4])
    assert.equal(index.range('sitting', 2.9).ids.length, 0)
    assert.deepEqual([...index.range('sitting', 3).ids], [4])
    assert.equal(index.delete(4), true)
    assert.equal(index.nearest('sitting', 9).ids.length, 0)
    assert.deepEqual(index.check(), [])
  })

  test(`${name}: refuses a taken id, a strange id and a strange object, and stays as it was`, () => {
    const index = make(euclidean, seededRandom(1))
    for (let i = 0; i < 50; i++) index.insert(i, Float32Array.of(i, -i))
    const object = Float32Array.of(1, 1)
    assert.throws(() => index.insert(3, object), failsWith('DUPLICATE_ID', '3'))
    assert.throws(() => index.insert(-1, object), failsWith('INVALID_ID', '-1'))
    assert.throws(() => index.insert(0.5, object), failsWith('INVALID_ID', '0.5'))
    const long = Float32Array.of(1, 2, 3)
    const broken = Float32Array.of(Number.NaN, 2)
    assert.throws(() => index.insert(60, long), failsWith('DIMENSION_MISMATCH', '3'))
    assert.throws(
      () =>
        index.bulkLoad([
          [60, object],
          [61, long],
        ]),
      failsWith('DIMENSION_MISMATCH'),
    )
    assert.throws(() => index.insert(60, broken), failsWith('NOT_A_METRIC', 'NaN'))
    assert.throws(
      () =>
        index.bulkLoad([
          [61, object],
          [61, object],
        ]),
      failsWith('DUPLICATE_ID'),
    )
    assert.throws(
      () =>
        index.bulkLoad([
          [60, object],
          [61, broken],
        ]),
      failsWith('NOT_A_METRIC'),
    )
    assert.throws(() => index.range(long, 1), failsWith('DIMENSION_MISMATCH', '3'))
    assert.throws(() => index.nearest(broken, 1), failsWith('NOT_A_METRIC'))
    assert.throws(() => index.nearest(object, 0), failsWith('INVALID_REQUEST', 'k', '0'))
    assert.throws(() => index.range(object, Number.NaN), failsWith('INVALID_REQUEST', 'radius'))
    assert.equal(index.size, 50)
    assert.deepEqual(index.check(), [])
  })

  test(`${name}: an incremental search does not go on over a change`, () => {
    const index = make(euclidean, seededRandom(1))
    for (let i = 0; i < 50; i++) index.insert(i, Float32Array.of(i, -i))
    const search = index.incremental(Float32Array.of(0, 0))
    search.next()
    index.delete(20)
    assert.throws(() => search.next(), failsWith('INDEX_CHANGED'))
  })

  test(`${name}: refuses a snapshot that is damaged, of another metric, or of lost objects`, () => {
    const index = make(euclidean, seededRandom(1))
    const objects = new Map(Array.from({ length: 60 }, (_, i) => [i, Float32Array.of(i, i % 7)]))
    index.bulkLoad(objects)
    const good = index.serialise()
    const damaged = good.numbers.slice()
    damaged[damaged.length - 1] = damaged.at(-1)! + 1
    const empty = make(euclidean, seededRandom(1))
    const lookup = (id: number) => ({ id, object: objects.get(id)! })
    const refused = [
      { ...good, numbers: damaged },
      { ...good, metric: 'another' },
      { ...good, kind: 'another' },
      { ...good, version: 99 },
    ]
    for (const snapshot of refused) {
      assert.throws(() => empty.restore(snapshot, lookup), failsWith('INDEX_INVALID'))
    }
    assert.throws(
      () => empty.restore(good, () => undefined),
      failsWith('INDEX_INVALID', 'no object'),
    )
    const merged = (id: number) => ({ id: id === 7 ? 8 : id, object: objects.get(id)! })
    assert.throws(() => empty.restore(good, merged), failsWith('INDEX_INVALID', 'two objects'))
    assert.equal(empty.size, 0)
    assert.deepEqual(empty.check(), [])
    empty.restore(good, lookup)
    assert.equal(empty.size, 60)
  })
}

/** Insertion, bulk loading, deletion, reinsertion and a snapshot, with every query after each. */
function wholeLife<T>({ name, metric, make: makeObjects }: MetricSpace<T>, make: MakeMetricIndex) {
  const seed = COUNT + name.length
  const random = seededRandom(seed)
  const objects = makeObjects(random, COUNT)
  const others = makeObjects(random, 6)
  const index = make(metric, random)
  const present = new Map<number, T>()
  function insert(id: number, object: T): void {
    index.insert(id, object)
    present.set(id, object)
  }
  function compareAll(phase: string, searched: CheckedIndex<T> = index): void {
    const what = `${name}, seed ${seed}, ${phase}`
    assert.deepEqual(searched.check(), [], what)
    assert.equal(searched.size, present.size, what)
    for (const query of [objects[3]!, objects[COUNT - 1]!, ...others.slice(0, 3)]) {
      compare(searched, present, query, what)
    }
  }

  for (let i = 0; i < COUNT / 2; i++) insert(1000 - i, objects[i]!)
  compareAll('after insertions')
  const batch: [number, T][] = objects.slice(COUNT / 2).map((object, i) => [5000 + i, object])
  index.bulkLoad(batch)
  for (const [id, object] of batch) present.set(id, object)
  compareAll('after bulk loading')
  for (const id of [...present.keys()].filter(() => random() < 0.6)) {
    assert.equal(index.delete(id), true)
    assert.equal(index.has(id), false)
    present.delete(id)
  }
  compareAll('after deletions')
  // Other objects under ids that were deleted: what is left of the old ones must not come back.
  objects.slice(0, COUNT / 2).forEach((_, i) => {
    if (!present.has(1000 - i)) insert(1000 - i, objects[COUNT - 1 - i]!)
  })
  compareAll('after reinsertions')
  const copy = make(metric, random)
  const snapshot = structuredClone(index.serialise())
  const objectsThen = new Map(index.objects())
  assert.deepEqual(objectsThen, present)
  copy.restore(snapshot, (id) => ({ id, object: objectsThen.get(id)! }))
  compareAll('restored', copy)
  for (const share of [0.1, 0.6, 1]) restoredInPart(share)
  function restoredInPart(share: number): void {
    const later = make(metric, random)
    const kept = new Map<number, T>()
    later.restore(snapshot, (id) => {
      const object = objectsThen.get(id)!
      if (random() < share) return { id: null, object }
      // An id that another object had then.
      kept.set(5200 - id, object)
      return { id: 5200 - id, object }
    })
    const what = `${name}, seed ${seed}, restored without ${share}`
    assert.equal(later.size, kept.size, what)
    assert.deepEqual(later.check(), [], what)
    compare(later, kept, objects[3]!, what)
    later.insert(1, others[0]!)
    kept.set(1, others[0]!)
    compare(later, kept, others[0]!, `${what} and grown`)
  }
  for (const searched of [copy, index]) {
    others.forEach((object, i) => {
      searched.insert(i, object)
    })
  }
  others.forEach((object, i) => {
    present.set(i, object)
  })
  compareAll('restored and grown', copy)
  compareAll('grown after its snapshot')
  for (const id of [...present.keys()]) {
    index.delete(id)
    present.delete(id)
  }
  compareAll('emptied')
}

function compare<T>(
  index: MetricIndex<T>,
  present: ReadonlyMap<number, T>,
  query: T,
  what: string,
): void {
  const all = naive(index.metric, present, query)
  for (const radius of radii(all)) {
    const wanted = all.filter((found) => found.distance <= radius)
    assert.deepEqual(sorted(index.range(query, radius)), wanted, `${what}, radius ${radius}`)
  }
  for (const k of [1, 2, 10, COUNT + 9]) {
    const last = all[Math.min(k, all.length) - 1]?.distance ?? -1
    const wanted = all.filter((found) => found.distance <= last)
    assert.deepEqual(sorted(index.nearest(query, k)), wanted, `${what}, k ${k}`)
    const radius = all[5]?.distance ?? 1
    const within = wanted.filter((found) => found.distance <= radius)
    const found = sorted(index.nearest(query, k, radius))
    assert.deepEqual(found, within, `${what}, k ${k} within ${radius}`)
  }
  assert.deepEqual([...index.incremental(query)], all, `${what}, incremental`)
}

function naive<T>(metric: Metric<T>, present: ReadonlyMap<number, T>, query: T): Found[] {
  return [...present]
    .map(([id, object]) => ({ id, distance: metric.distance(query, object) }))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
}

function sorted({ ids, distances }: MetricAnswer): Found[] {
  return [...ids]
    .map((id, i) => ({ id, distance: distances[i]! }))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
}

/** None, all, and stored distances with one float64 step to each side. */
function radii(all: readonly Found[]): number[] {
  const stored = [0, 1, 2, all.length >> 2, all.length - 1].map((i) => all[i]?.distance ?? 1)
  return [
    -1,
    Number.POSITIVE_INFINITY,
    ...stored.flatMap((distance) => [distance, step(distance, 1n), step(distance, -1n)]),
  ]
}

function step(value: number, by: bigint): number {
  if (value === 0) return by > 0n ? Number.MIN_VALUE : -Number.MIN_VALUE
  const float = Float64Array.of(value)
  const bits = new BigInt64Array(float.buffer)
  bits[0] = bits[0]! + by
  return float[0]!
}
