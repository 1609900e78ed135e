import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  resolveTraining,
  type TrainingGraphOptions,
} from '../../../src/learning/graph/graph-options.ts'
import { type Step, stepTensors } from '../../../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import {
  OBJECTIVE_DEFAULTS,
  type ObjectiveOptions,
  resolveObjective,
} from '../../../src/learning/losses/objective.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'

const good: TrainingGraphOptions = {
  objective: { kind: 'triplet' },
  head: { kind: 'linear' },
  inputDimensions: 4,
  seed: 1,
  dimensions: 3,
  classes: 5,
  batch: { classes: 2, perClass: 2 },
}

test('left-out options take the defaults of the papers', () => {
  assert.deepEqual(resolveObjective({ kind: 'triplet', margin: 0.4 }), {
    ...OBJECTIVE_DEFAULTS.triplet,
    margin: 0.4,
  })
  const { normalise, l2 } = resolveObjective({ kind: 'lifted', form: 'generalised' }) as {
    normalise: boolean
    l2: number
  }
  assert.deepEqual({ normalise, l2 }, { normalise: true, l2: 0 })
  const { optimiser } = resolveTraining({ ...good, optimiser: { kind: 'adam', epsilon: 0.01 } })
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 0.01, weightDecay: 0 }
  assert.deepEqual(optimiser, { kind: 'adam', ...adam })
  const adamw = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }
  assert.deepEqual(resolveTraining(good).optimiser, { kind: 'adamw', ...adamw })
})

const REFUSED: readonly (readonly [unknown, string])[] = [
  [{ kind: 'quadruplet' }, 'quadruplet'],
  [{ kind: 'triplet', margn: 0.1 }, 'margn'],
  [{ kind: 'triplet', margin: Number.NaN }, 'NaN'],
  [{ kind: 'triplet', margin: '0.1' }, '0.1'],
  [{ kind: 'triplet', mining: 'hardest' }, 'hardest'],
  [{ kind: 'triplet', soft: true }, 'semi-hard'],
  [{ kind: 'info-nce', temperature: 0 }, 'above 0'],
  [{ kind: 'n-pairs', scale: 0 }, 'above 0'],
  [{ kind: 'lifted', normalise: true, l2: 0.1 }, 'l2 of 0'],
  [{ kind: 'margin', farCutoff: 2 }, 'farCutoff'],
  [{ kind: 'margin', learnBoundary: false, boundaryPerClass: true }, 'learnBoundary'],
]

for (const [options, message] of REFUSED) {
  test(`the objective ${JSON.stringify(options)} is refused`, () => {
    const resolve = () => resolveObjective(options as ObjectiveOptions)
    assert.throws(resolve, failsWith('TRAINING_INVALID', message))
  })
}

const REFUSED_TRAININGS: Readonly<Record<string, object>> = {
  'at most 128 images for triplets': { batch: { classes: 43, perClass: 3 } },
  'two images at least': { batch: { classes: 1, perClass: 1 } },
  'whole dimensions': { dimensions: 2.5 },
  'hidden units': { head: { kind: 'mlp', hidden: 0 } },
  'pairs for easy positives': { easyPositives: true, objective: { kind: 'arcface' } },
  'a known optimiser': { optimiser: { kind: 'lion' } },
  'a momentum below 1': { optimiser: { kind: 'sgd', momentum: 1 } },
  'options of the optimiser': { optimiser: { kind: 'sgd', beta1: 0.5 } },
}

for (const [what, change] of Object.entries(REFUSED_TRAININGS)) {
  test(`a training needs ${what}`, () => {
    const resolve = () => resolveTraining({ ...good, ...change })
    assert.throws(resolve, failsWith('TRAINING_INVALID'))
    assert.equal(resolveTraining(good).batchSize, 4)
  })
}

const REFUSED_STEPS: Readonly<Record<string, readonly [Partial<Step>, string]>> = {
  'features of another size': [{ features: new Float32Array(15) }, '16 numbers for features'],
  'labels of another number': [{ labels: [0, 0, 1] }, '4 numbers for labels'],
  'a label that is no class': [{ labels: [0, 0, 1, 5] }, '0 to 4, got 5'],
  'half a label': [{ labels: [0, 0, 1, 0.5] }, 'got 0.5'],
  'a rate that is no number': [{ learningRate: Number.NaN }, 'learning rate'],
  'a rate below 0': [{ learningRate: -1 }, 'learning rate'],
  'more active learners than there are': [{ activeLearners: 4 }, '1 to 3 active learners, got 4'],
}

for (const [what, [change, message]] of Object.entries(REFUSED_STEPS)) {
  test(`a step with ${what} is refused`, () => {
    const graph = buildTrainingGraph({ ...good, learners: { kind: 'masks', count: 3 } })
    const right = { features: new Float32Array(16), labels: [0, 0, 1, 4], learningRate: 0.1 }
    const tensors = (step: Partial<Step>) =>
      stepTensors(graph, { ...right, learner: 0, ...step }, seededRandom(1))
    assert.equal(Object.keys(tensors({})).length, graph.inputs.length + graph.parameters.length)
    assert.throws(() => tensors(change), failsWith('TRAINING_INVALID', message))
  })
}

test('the same options give the same graph and the same initial values', () => {
  const options = { ...good, objective: { kind: 'am-softmax' }, jrd: {} } as const
  assert.deepEqual(buildTrainingGraph(options), buildTrainingGraph(options))
  const other = buildTrainingGraph({ ...options, seed: 2 })
  assert.notDeepEqual(buildTrainingGraph(options).state, other.state)
})
