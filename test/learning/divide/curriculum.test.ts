import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../../src/evaluation/class-numbers.ts'
import { Curriculum, type CurriculumOptions } from '../../../src/learning/divide/curriculum.ts'
import { type Learners, MASKS_PARAMETER } from '../../../src/learning/divide/learners.ts'
import type { HeadTrainer } from '../../../src/learning/learning-engine.ts'
import { failsWith } from '../../support/errors.ts'

// Eight classes of three images in the corners of a cube: four pairs of corners lie near each other.
const [CLASSES, PER_CLASS, WIDTH] = [8, 3, 3]
const labels = Array.from({ length: CLASSES * PER_CLASS }, (_, i) => Math.floor(i / PER_CLASS))
const corners = Float32Array.from({ length: labels.length * WIDTH }, (_, place) => {
  const [image, axis] = [Math.floor(place / WIDTH), place % WIDTH]
  return ((labels[image]! >> axis) & 1) * (axis === 0 ? 1 : 10) + (image % PER_CLASS) * 0.01
})
const train = {
  features: { values: corners, count: labels.length, dimensions: WIDTH },
  numbers: numberClasses(labels.map(String)),
}
const SLICES: Learners = { kind: 'slices', count: 4 }
const MASKS: Learners = {
  kind: 'masks',
  count: 4,
  orthogonality: 0.01,
  maskRate: 100,
  maskDecays: true,
  start: 'ones',
}
// Clusters are made again every other step.
const options = { train, dimensions: WIDTH, steps: 40, seed: 3 }
const curriculum = (learners: Learners, more: Partial<CurriculumOptions> = {}) =>
  new Curriculum({ ...options, learners, ...more })

/** An embedding that is the features, and masks of which learner k's are all k + 1. */
function trainer(): HeadTrainer & { masks: Float32Array } {
  return {
    masks: Float32Array.from({ length: 4 * WIDTH }, (_, i) => Math.floor(i / WIDTH) + 1),
    steps: async () => ({}),
    embed: async (features) => features,
    async read() {
      return { [MASKS_PARAMETER]: this.masks }
    },
    async write(values) {
      this.masks = values[MASKS_PARAMETER]!
    },
    close: async () => {},
  }
}

const trainedOn = (members: readonly (readonly number[])[]) =>
  [...members.keys()].filter((label) => members[label]!.length > 0)

test('between clusterings a turn needs nothing of the trainer', async () => {
  const plan = curriculum(SLICES)
  const embedded: number[] = []
  for (let step = 0; step < 40; step++) {
    const embed = async (features: Float32Array) => {
      embedded.push(step)
      return features
    }
    await plan.turn(step, { ...trainer(), embed })
  }
  const ends = Array.from({ length: 40 }, (_, step) => plan.turnsKnownTo(step))
  assert.deepEqual(ends.slice(0, 4), [2, 2, 4, 4])
  assert.ok(embedded.length > 5, `embedded at steps ${embedded}`)
  assert.deepEqual(
    embedded.filter((step) => step > 0 && !ends.includes(step)),
    [],
  )
})

test('learners take turns on the clusters, then all learn on clusters, then on everything', async () => {
  const plan = curriculum(SLICES)
  const own = trainer()
  const seen: { learner: number | 'all'; classes: number[] }[] = []
  for (let step = 0; step < 40; step++) {
    const { learner, members } = await plan.turn(step, own)
    seen.push({ learner, classes: trainedOn(members) })
  }
  // 38 of 40 steps are divided; the first 16 of those by learners.
  assert.deepEqual(
    seen.slice(0, 16).map(({ learner }) => learner),
    Array.from({ length: 16 }, (_, step) => step % 4),
  )
  assert.ok(seen.slice(16).every(({ learner }) => learner === 'all'))
  for (const { classes } of seen.slice(0, 38)) assert.equal(classes.length, 2, `${classes}`)
  for (const { classes } of seen.slice(38)) assert.equal(classes.length, 8)
  const pairs = new Set(seen.slice(0, 4).map(({ classes }) => classes.join()))
  assert.deepEqual(
    [...pairs].toSorted((a, b) => (a < b ? -1 : 1)),
    ['0,1', '2,3', '4,5', '6,7'],
  )
})

test('12,800 images are divided and joined as few are', async () => {
  const times = Math.ceil(12_800 / labels.length)
  const values = Float32Array.from(
    { length: 12_800 * WIDTH },
    (_, i) => corners[i % corners.length]!,
  )
  const numbers = numberClasses(
    Array.from({ length: times }, () => labels.map(String))
      .flat()
      .slice(0, 12_800),
  )
  const large = { features: { values, count: 12_800, dimensions: WIDTH }, numbers }
  const plan = curriculum(SLICES, { train: large, steps: 200 })
  const own = trainer()
  const turns = { one: 0, cluster: 0, everything: 0 }
  for (let step = 0; step < 200; step++) {
    const { learner, members } = await plan.turn(step, own)
    const everything = trainedOn(members).length === CLASSES
    turns[learner !== 'all' ? 'one' : everything ? 'everything' : 'cluster'] += 1
  }
  assert.deepEqual(turns, { one: 80, cluster: 110, everything: 10 })
})

test('masks begin as one learner, double at each clustering, and start as their parents', async () => {
  const plan = curriculum(MASKS)
  const own = trainer()
  const active: number[] = []
  for (let step = 0; step < 6; step++) active.push((await plan.turn(step, own)).activeLearners)
  assert.deepEqual(active, [1, 1, 2, 2, 4, 4])
  const parents = [0, 1, 2, 3].map((learner) => own.masks[learner * WIDTH])
  assert.deepEqual(parents, [1, 1, 1, 1])
})

test('clusters of masks that are all there follow the embedding', async () => {
  const plan = curriculum(MASKS)
  // Stretched, it is the first axis and no longer the second that tells corners apart.
  const stretch = [1, 1, 1]
  const embed = async (features: Float32Array) =>
    features.map((value, place) => value * stretch[place % WIDTH]!)
  const own = { ...trainer(), embed }
  const pairs = async (from: number) => {
    const seen = new Set<string>()
    for (let step = from; step < from + 4; step++) {
      seen.add(trainedOn((await plan.turn(step, own)).members).join())
    }
    return [...seen].toSorted((a, b) => (a < b ? -1 : 1))
  }
  for (let step = 0; step < 4; step++) await plan.turn(step, own)
  assert.deepEqual(await pairs(4), ['0,1', '2,3', '4,5', '6,7'])
  stretch.splice(0, 2, 10, 0.1)
  assert.deepEqual(await pairs(8), ['0,2', '1,3', '4,6', '5,7'])
})

test('clusters without two images of a class are passed over; where none has, all learn', async () => {
  const alone = numberClasses(labels.map((_, i) => String(i)))
  const plan = curriculum(SLICES, { train: { ...train, numbers: alone } })
  const { learner, members } = await plan.turn(0, trainer())
  assert.equal(learner, 'all')
  assert.equal(trainedOn(members).length, labels.length)
})

test('more learners than classes, and masks that doubling does not reach, are refused', () => {
  assert.throws(
    () => curriculum({ kind: 'slices', count: 9 }),
    failsWith('TRAINING_INVALID', '8 classes', 'got 9'),
  )
  assert.throws(
    () => curriculum({ ...MASKS, count: 6 } as Learners),
    failsWith('TRAINING_INVALID', 'power of 2', 'got 6'),
  )
})
