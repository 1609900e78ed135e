import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../../src/evaluation/class-numbers.ts'
import { membersOf } from '../../../src/learning/classed-features.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import { type BatchShape, sampleBatch } from '../../../src/learning/heads/batches.ts'
import { headStep, rateAt } from '../../../src/learning/heads/head-step.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

const schedule = { rate: 0.8, steps: 14, warmUpSteps: 4 }

test('the rate grows in equal parts, stands at its full value once, then falls as half a cosine', () => {
  const rates = Array.from({ length: 15 }, (_, step) => rateAt(step, schedule))
  for (const [step, wanted] of [0.2, 0.4, 0.6, 0.8, 0.8].entries()) {
    assertClose(rates[step]!, wanted, `step ${step}`)
  }
  // Half way of the fall, and after the last step.
  assertClose(rates[9]!, 0.4, 'step 9')
  assertClose(rates[14]!, 0, 'step 14')
})

test('without a warm-up, and in one step, the rate is the full one', () => {
  assertClose(rateAt(0, { rate: 0.3, steps: 1, warmUpSteps: 0 }), 0.3, 'no warm-up')
  assertClose(rateAt(0, { rate: 0.3, steps: 1, warmUpSteps: 1 }), 0.3, 'one step')
})

test('the features before dropout are given where JRD wants them, and those dropped beside them', () => {
  const values = Float32Array.from({ length: 4 * 50 }, (_, place) => place + 1)
  const train = {
    features: { values, count: 4, dimensions: 50 },
    numbers: numberClasses(['a', 'a', 'b', 'b']),
  }
  const batch = { classes: 2, perClass: 2 }
  const graphOf = (jrd: object | null) =>
    buildTrainingGraph({
      objective: { kind: 'am-softmax' },
      jrd,
      head: { kind: 'linear' },
      inputDimensions: 50,
      dimensions: 2,
      classes: 2,
      seed: 1,
      batch,
    })
  const turn = { members: membersOf(train.numbers), learner: 'all', activeLearners: 0 } as const
  const options = { seed: 3, batch, dropout: 0.5, rate: 0.1, steps: 1 }
  const tensors = headStep(0, turn, train, graphOf({}), options)
  const whole = Array.from(tensors['whole features']!.values, Number)
  const dropped = Array.from(tensors.features!.values, Number)
  const images = Array.from(tensors.images!.values, Number)
  const rows = images.flatMap((image) => [...values.subarray(50 * image, 50 * image + 50)])
  assert.deepEqual(whole, rows)
  assert.ok(dropped.every((value, i) => value === 0 || value === 2 * rows[i]!))
  assert.ok(dropped.includes(0))
  const without = headStep(0, turn, train, graphOf(null), options)
  assert.deepEqual(without.features, tensors.features)
  assert.equal(without['whole features'], undefined)
})

test('without other views a batch is drawn as ever: its images, then what is dropped', () => {
  const values = Float32Array.from({ length: 6 * 9 }, (_, place) => place + 1)
  const train = {
    features: { values, count: 6, dimensions: 9 },
    numbers: numberClasses(['a', 'a', 'b', 'b', 'c', 'c']),
  }
  const { graph, batch } = contrastive(9, { classes: 2, perClass: 2 })
  const members = membersOf(train.numbers)
  const [seed, dropout] = [3, 0.5]
  const options = { seed, batch, dropout, rate: 0.1, steps: 1 }
  const turn = { members, learner: 'all', activeLearners: 0 } as const
  const tensors = headStep(0, turn, train, graph, options)
  const random = seededRandom(seed + 0x9e3779b1)
  const rows = sampleBatch(members, batch, random)
  const wanted = rows.flatMap((row) =>
    Array.from({ length: 9 }, (_, i) => (random() < dropout ? 0 : 2 * values[9 * row + i]!)),
  )
  assert.deepEqual(Array.from(tensors.features!.values, Number), wanted)
  assert.deepEqual(headStep(0, turn, { ...train, otherViews: [] }, graph, options), tensors)
})

test('an image of a batch is shown by one of its views, all of which come', () => {
  // The numbers of image i in view v are 10 v + i.
  const view = (number: number) => ({
    values: Float32Array.from({ length: 4 * 2 }, (_, place) => 10 * number + (place >> 1)),
    count: 4,
    dimensions: 2,
  })
  const numbers = numberClasses(['a', 'a', 'b', 'b'])
  const train = { features: view(0), otherViews: [view(1), view(2)], numbers }
  const { graph, batch } = contrastive(2, { classes: 2, perClass: 2 })
  const turn = { members: membersOf(numbers), learner: 'all', activeLearners: 0 } as const
  const options = { seed: 5, batch, dropout: 0, rate: 0.1, steps: 20 }
  const seen = new Set<number>()
  for (let at = 0; at < 20; at++) {
    const { features, images } = headStep(at, turn, train, graph, options)
    for (const [place, image] of Array.from(images!.values, Number).entries()) {
      const shown = Number(features!.values[2 * place])
      assert.equal(shown % 10, image)
      seen.add(shown)
    }
  }
  const wanted = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    wanted,
  )
})

test('where a class has too few images the batch says which places are copies of one', () => {
  // Classes of 1 and 3 images in batches of 2 x 4; image i has i + 1 in all of its numbers.
  const values = Float32Array.from({ length: 4 * 2 }, (_, place) => Math.floor(place / 2) + 1)
  const train = {
    features: { values, count: 4, dimensions: 2 },
    numbers: numberClasses(['a', 'b', 'b', 'b']),
  }
  const { graph, batch } = contrastive(2, { classes: 2, perClass: 4 })
  const turn = { members: membersOf(train.numbers), learner: 'all', activeLearners: 0 } as const
  const options = { seed: 3, batch, dropout: 0, rate: 0.1, steps: 1 }
  const tensors = headStep(0, turn, train, graph, options)
  const images = Array.from(tensors.images!.values, Number)
  const shown = Array.from({ length: 8 }, (_, place) => tensors.features!.values[2 * place])
  assert.deepEqual(
    images.map((image) => image + 1),
    shown,
  )
  assert.equal(new Set(images).size, 4)
})

function contrastive(inputDimensions: number, batch: BatchShape) {
  const graph = buildTrainingGraph({
    objective: { kind: 'contrastive' },
    head: { kind: 'linear' },
    inputDimensions,
    dimensions: 2,
    classes: 3,
    seed: 1,
    batch,
  })
  return { graph, batch }
}
