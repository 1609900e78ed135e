import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchTrials, nearestImpostors } from '../../src/evaluation/match-trials.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { matrixOf } from '../../src/vector/row-matrix.ts'
import { templateOf } from '../../src/vector/template.ts'
import { assertClose } from '../support/assert-close.ts'
import { failsWith } from '../support/errors.ts'

const SEED = 1831
const pause = async () => undefined
const line = (values: readonly number[]) => matrixOf(Float32Array.from(values), 1)

test('trials of one view are those worked out by hand', async () => {
  const images = { vectors: line([0, 1, 10, 12, 4]), classes: Int32Array.of(0, 0, 1, 1, 2) }
  const trials = await matchTrials(images, { views: 1, space: 'euclidean', pause })
  const { nearest, hausdorff, template } = trials
  // The image of the third identity is alone: it is compared with, and no probe.
  assert.deepEqual([...nearest.owners], [0, 0, 1, 1])
  assert.deepEqual([...nearest.genuine], [1, 1, 2, 2])
  assert.deepEqual([...nearest.impostors], [10, 4, 9, 3, 9, 6, 11, 8])
  assert.deepEqual([...nearestImpostors(nearest)], [4, 3, 6, 8])
  assert.deepEqual([...hausdorff.impostors], [12, 4, 11, 3, 10, 6, 12, 8])
  assert.deepEqual([...template.impostors], [11, 4, 10, 3, 9.5, 6, 11.5, 8])
  assert.deepEqual(trials['mean-nearest'], nearest)
})

test('trials of several views are those of plain loops, under cosine too', async () => {
  const random = seededRandom(SEED)
  const sizes = [7, 1, 3, 5, 2]
  const classes = sizes.flatMap((size, number) => Array<number>(size).fill(number))
  const unit = classes.map(() => {
    const vector = Array.from({ length: 4 }, () => gaussian(random))
    return vector.map((value) => value / Math.hypot(...vector))
  })
  const rows = unit.map((vector) => Float32Array.from(vector))
  const vectors = matrixOf(Float32Array.from(unit.flat()), 4)
  const images = { vectors, classes: Int32Array.from(classes) }
  for (const space of ['cosine', 'euclidean'] as const) {
    const apart = (a: Float32Array, b: Float32Array) => {
      const squared = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
      return space === 'cosine' ? squared / 2 : Math.sqrt(squared)
    }
    const trials = await matchTrials(images, { views: 2, space, pause })
    const probes = [
      [0, 1],
      [2, 3],
      [4, 5],
      [8, 9],
      [11, 12],
      [13, 14],
    ]
    assert.equal(trials.nearest.owners.length, probes.length)
    for (const [p, probe] of probes.entries()) {
      const views = probe.map((row) => rows[row]!)
      const owner = classes[probe[0]!]!
      let at = p * (sizes.length - 1)
      for (const other of sizes.keys()) {
        const set = rows.filter((_, row) => classes[row] === other && !probe.includes(row))
        const toSet = views.map((view) => Math.min(...set.map((one) => apart(view, one))))
        const toViews = set.map((one) => Math.min(...views.map((view) => apart(view, one))))
        const expected = {
          nearest: Math.min(...toSet),
          'mean-nearest': (toSet[0]! + toSet[1]!) / 2,
          hausdorff: Math.max(...toSet, ...toViews),
          template: apart(templateOf(views, space), templateOf(set, space)),
        }
        for (const [distance, far] of Object.entries(expected)) {
          const { genuine, impostors } = trials[distance as keyof typeof expected]
          const got = other === owner ? genuine[p]! : impostors[at]!
          assertClose(got, far, `${space} ${distance} of ${p} and ${other}, seed ${SEED}`)
        }
        if (other !== owner) at++
      }
    }
  }
})

test('where no trial can be made that is said', async () => {
  const refused = async (values: readonly number[], classes: readonly number[], views: number) => {
    const images = { vectors: line(values), classes: Int32Array.from(classes) }
    const trials = matchTrials(images, { views, space: 'euclidean', pause })
    await assert.rejects(trials, failsWith('NOTHING_TO_EVALUATE'))
  }
  await refused([1, 2, 3], [0, 0, 0], 1)
  await refused([1, 2, 3], [0, 1, 2], 1)
  await refused([1, 2, 3, 4], [0, 0, 1, 1], 2)
})
