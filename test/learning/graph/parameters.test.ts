import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEAD_PARAMETERS } from '../../../src/learning/graph/head.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { openSteps, type State } from '../../support/training-step.ts'

const SEED = 11
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const
const STEPS = 5
const { weight } = HEAD_PARAMETERS
const [FEW, MANY, OUT, ROWS] = [24, 512, 128, 8]
/** Where each of the few features stands among many that are 0: in both blocks. */
const placeOf = (feature: number) => 21 * feature + 5

/** The weights that belong to the few features, after steps of Adam. */
async function trained(inputDimensions: number, place: (feature: number) => number) {
  const random = seededRandom(SEED)
  const spread = (values: readonly number[], width: number) => {
    const wide = new Float32Array((values.length / FEW) * width)
    for (const [i, value] of values.entries()) {
      wide[Math.floor(i / FEW) * width + place(i % FEW)] = value
    }
    return wide
  }
  const graph = buildTrainingGraph({
    head: { kind: 'linear' },
    inputDimensions,
    dimensions: OUT,
    seed: 1,
    classes: 2,
    objective: { kind: 'contrastive' },
    optimiser: ADAM,
    batch: { classes: 2, perClass: ROWS / 2 },
    precision: 'float64',
  })
  await using steps = await openSteps(graph, 'float64')
  const start = new Float64Array(inputDimensions * OUT)
  for (let i = 0; i < FEW * OUT; i++) {
    start[place(Math.floor(i / OUT)) * OUT + (i % OUT)] = gaussian(random)
  }
  let state: State = { ...steps.initial, [weight]: start }
  for (let step = 0; step < STEPS; step++) {
    const values = Array.from({ length: ROWS * FEW }, () => gaussian(random))
    const features = spread(values, inputDimensions)
    const labels = [0, 0, 0, 0, 1, 1, 1, 1]
    state = (await steps.step({ features, labels, learningRate: 0.01 }, random, state)).state
  }
  const belonging = (weights: Float64Array) =>
    Array.from(
      { length: FEW * OUT },
      (_, i) => weights[place(Math.floor(i / OUT)) * OUT + (i % OUT)]!,
    )
  return { before: belonging(start), after: belonging(state[weight]!) }
}

test('a weight that is kept in blocks learns as one that is kept in one', async () => {
  const few = await trained(FEW, (feature) => feature)
  const many = await trained(MANY, placeOf)
  assert.deepEqual(many.before, few.before)
  for (const [i, wanted] of few.after.entries()) {
    const got = many.after[i]!
    assert.ok(Math.abs(got - wanted) < 1e-9, `seed ${SEED}: weight ${i}: ${got}, wanted ${wanted}`)
  }
  const most = Math.max(...few.after.map((after, i) => Math.abs(after - few.before[i]!)))
  assert.ok(most > 0.01, `seed ${SEED}: weights moved by ${most} at most`)
})
