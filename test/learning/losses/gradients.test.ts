import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrainingGraphOptions } from '../../../src/learning/graph/graph-options.ts'
import type { Step } from '../../../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { gradientsOf, openSteps } from '../../support/training-step.ts'

const SHAPE = {
  batch: { classes: 4, perClass: 3 },
  classes: 6,
  inputDimensions: 7,
  dimensions: 4,
  optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  precision: 'float64',
  seed: 5,
} as const

type Variant = Pick<TrainingGraphOptions, 'objective' | 'easyPositives' | 'learners'>

const VARIANTS: readonly Variant[] = [
  { objective: { kind: 'contrastive' } },
  { objective: { kind: 'triplet', mining: 'all' } },
  { objective: { kind: 'triplet', mining: 'semi-hard', margin: 0.5 } },
  { objective: { kind: 'triplet', mining: 'batch-hard', margin: 0.3 }, easyPositives: true },
  { objective: { kind: 'triplet', mining: 'batch-hard', soft: true } },
  { objective: { kind: 'margin', boundaryPerClass: true, boundaryWeight: 0.2 } },
  { objective: { kind: 'lifted' } },
  { objective: { kind: 'lifted', form: 'generalised' } },
  { objective: { kind: 'n-pairs' } },
  { objective: { kind: 'info-nce' } },
  { objective: { kind: 'multi-similarity' } },
  { objective: { kind: 'multi-similarity' }, easyPositives: true },
  { objective: { kind: 'am-softmax' } },
  { objective: { kind: 'arcface' } },
  { objective: { kind: 'proxy-anchor' } },
  { objective: { kind: 'multi-similarity' }, learners: { kind: 'slices', count: 2 } },
  {
    objective: { kind: 'margin' },
    learners: { kind: 'masks', count: 3, start: 'gaussian', orthogonality: 0.5 },
  },
]

const labels = [0, 0, 0, 1, 1, 1, 4, 4, 4, 5, 5, 5]

for (const [seed, variant] of VARIANTS.entries()) {
  for (const head of [{ kind: 'linear' }, { kind: 'mlp', hidden: 5 }] as const) {
    test(`the gradient of ${JSON.stringify(variant)} by a ${head.kind} head is that of finite differences`, async () => {
      const graph = buildTrainingGraph({ ...SHAPE, ...variant, head })
      await using steps = await openSteps(graph, 'float64')
      const random = seededRandom(seed)
      const features = Float32Array.from({ length: 12 * 7 }, () => gaussian(random))
      const step: Step = { features, labels, learningRate: 1, learner: 1 }
      const start = { ...steps.initial }
      for (const name of Object.keys(start).filter((each) => each.endsWith('bias'))) {
        // Else a row without an active hidden unit would be zero, where no slope is defined.
        start[name] = start[name]!.map(() => gaussian(random))
      }
      const slopes = await gradientsOf(steps, graph, step, seed, start)
      let largest = 0
      for (const { name } of graph.parameters) {
        const at = start[name]!
        // A few of each; all would take long.
        for (let check = 0; check < 6; check++) {
          const place = Math.floor(random() * at.length)
          const lossAt = async (offset: number) => {
            const moved = { ...start, [name]: at.with(place, at[place]! + offset) }
            return (await steps.step(step, seededRandom(seed), moved)).reports.loss!
          }
          const wanted = ((await lossAt(1e-5)) - (await lossAt(-1e-5))) / 2e-5
          const got = slopes[name]![place]!
          const close = Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted))
          const hint = `${name}[${place}]: got ${got}, finite difference ${wanted}; seed ${seed}`
          assert.ok(close, hint)
          largest = Math.max(largest, Math.abs(wanted))
        }
      }
      assert.ok(largest > 1e-3, `expected a slope to check, got at most ${largest}; seed ${seed}`)
    })
  }
}
