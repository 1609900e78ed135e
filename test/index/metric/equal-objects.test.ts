import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MTree } from '../../../src/index/metric/m-tree.ts'
import { euclidean } from '../../../src/vector/metric/minkowski.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import {
  type CheckedIndex,
  CheckedMTree,
  CheckedPivotTable,
  CheckedVpTree,
} from '../../support/checked-structures.ts'

const SEED = 31
const CHANGES = 1200
const IDS = 400

const STRUCTURES: Record<string, (random: Random) => CheckedIndex<Float32Array>> = {
  'VP-tree': (random) => new CheckedVpTree({ metric: euclidean, random }),
  'M-tree': (random) => new CheckedMTree({ metric: euclidean, random }),
  'balanced M-tree': (random) =>
    new CheckedMTree({ metric: euclidean, random, partition: 'balanced' }),
  'PM-tree': (random) => new CheckedMTree({ metric: euclidean, random, pivots: 4 }),
  'pivot table': () => new CheckedPivotTable({ metric: euclidean, pivots: 4 }),
}

/** Vectors have few values, so that most objects have many equals; with one value they all are equal. */
function vectorOf(value: number): Float32Array {
  return Float32Array.of(value, value * value, -value)
}

for (const [name, make] of Object.entries(STRUCTURES)) {
  for (const values of [1, 2, 7]) {
    test(`${name}: objects of ${values} values are found as by a scan, through inserts and deletes`, () => {
      const random = seededRandom(SEED)
      const index = make(seededRandom(SEED))
      const truth = new Map<number, Float32Array>()
      for (let change = 0; change < CHANGES; change++) {
        const id = Math.floor(random() * IDS)
        if (truth.delete(id)) assert.equal(index.delete(id), true)
        else {
          const vector = vectorOf(Math.floor(random() * values))
          truth.set(id, vector)
          index.insert(id, vector)
        }
        if (change % 300 !== 299) continue
        const what = `seed ${SEED}, change ${change}`
        assert.deepEqual(index.check(), [], what)
        for (const radius of [0, 1.5, 4]) {
          const query = vectorOf(Math.floor(random() * values))
          const expected = [...truth].filter(
            ([, vector]) => euclidean.distance(query, vector) <= radius,
          )
          assert.deepEqual(
            [...index.range(query, radius).ids].sort((a, b) => a - b),
            expected.map(([found]) => found).sort((a, b) => a - b),
            `${what}, radius ${radius}`,
          )
        }
      }
    })
  }
}

test('equal objects cost an M-tree about as many distances to insert as different ones', () => {
  const perInsert = (make: (i: number) => Float32Array) => {
    const tree = new MTree({ metric: euclidean, random: seededRandom(SEED) })
    for (let i = 0; i < 2000; i++) tree.insert(i, make(i))
    return tree.maintenanceDistances / 2000
  }
  const random = seededRandom(SEED)
  const equal = perInsert(() => vectorOf(2))
  const different = perInsert(() => Float32Array.of(random(), random(), random()))
  assert.ok(equal <= different * 1.3, `seed ${SEED}: ${equal} against ${different} distances`)
})
