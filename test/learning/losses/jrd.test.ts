import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Head } from '../../../src/learning/graph/graph-options.ts'
import type { Step } from '../../../src/learning/graph/step-tensors.ts'
import { buildTrainingGraph } from '../../../src/learning/graph/training-graph.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'
import { dot, mean, type Row, rowsOf, sum, unit } from '../../support/reference-losses.ts'
import { gradientsOf, openSteps, type State } from '../../support/training-step.ts'

const INPUTS = 5
const DIMENSIONS = 4
const HIDDEN = 6
const CLASSES = 5
const WEIGHT = 0.7
const SCALE = 20
const MARGIN = 0.1
const labels = [0, 0, 1, 1, 2, 2, 4, 4]

const squaredDistance = (a: Row, b: Row) => a.reduce((total, x, i) => total + (x - b[i]!) ** 2, 0)

/** sum D^2 / (n^2 - n), of which the kernels take their bandwidths. */
function spreadOf(layer: readonly Row[]): number {
  const n = layer.length
  return sum(layer.flatMap((a) => layer.map((b) => squaredDistance(a, b)))) / (n * n - n)
}

function times(rows: readonly Row[], weight: Float64Array, bias: Float64Array): number[][] {
  const columns = bias.length
  return rows.map((row) =>
    Array.from({ length: columns }, (_, j) => {
      return sum(row.map((x, i) => x * weight[i * columns + j]!)) + bias[j]!
    }),
  )
}

/** The layers as the official code hands them over: hidden or features, embedding, cosines. */
function layersOf(state: State, features: readonly Row[], head: Head): [Row[], Row[], Row[]] {
  const hidden =
    head.kind === 'linear'
      ? [...features]
      : times(features, state['head/hidden weight']!, state['head/hidden bias']!).map((row) =>
          row.map((x) => Math.max(0, x)),
        )
  const embedding = times(hidden, state['head/weight']!, state['head/bias']!).map(unit)
  const centres = rowsOf(state.proxies!, DIMENSIONS).map(unit)
  return [hidden, embedding, embedding.map((row) => centres.map((centre) => dot(row, centre)))]
}

function regulariser(layers: readonly (readonly Row[])[], spreads: readonly number[]): number {
  const terms: number[] = []
  for (const [i, own] of labels.entries()) {
    for (const [j, other] of labels.entries()) {
      if (own === other) continue
      const D = layers.map((layer) => squaredDistance(layer[i]!, layer[j]!))
      const three = (D2: number, s: number) =>
        (Math.exp((-2 * D2) / s) + Math.exp(-D2 / s) + Math.exp(-D2 / (2 * s))) / 3
      const kernels = [three(D[0]!, spreads[0]!), three(D[1]!, spreads[1]!)]
      terms.push(kernels[0]! * kernels[1]! * Math.exp(-D[2]! / spreads[2]!))
    }
  }
  return mean(terms)
}

function amSoftmax(cosines: readonly Row[]): number {
  return mean(
    cosines.map((row, i) => {
      const logits = row.map((cosine, c) => SCALE * (c === labels[i] ? cosine - MARGIN : cosine))
      return Math.log(sum(logits.map(Math.exp))) - logits[labels[i]!]!
    }),
  )
}

for (const head of [{ kind: 'linear' }, { kind: 'mlp', hidden: HIDDEN }] as const) {
  test(`JRD on a ${head.kind} head is the official loss, and its slope that with fixed bandwidths`, async () => {
    const seed = 21
    const random = seededRandom(seed)
    const graph = buildTrainingGraph({
      objective: { kind: 'am-softmax' },
      jrd: { weight: WEIGHT },
      head,
      inputDimensions: INPUTS,
      dimensions: DIMENSIONS,
      classes: CLASSES,
      seed,
      batch: { classes: 4, perClass: 2 },
      precision: 'float64',
      optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    })
    await using steps = await openSteps(graph, 'float64')
    const features = Float32Array.from({ length: labels.length * INPUTS }, () => gaussian(random))
    const rows = rowsOf(features, INPUTS)
    const start = Object.fromEntries(
      Object.entries(steps.initial).map(([name, values]) => [
        name,
        name.endsWith('bias') ? values.map(() => gaussian(random)) : values,
      ]),
    )
    const step: Step = { features, labels, learningRate: 1 }
    const { reports } = await steps.step(step, random, start)
    const layers = layersOf(start, rows, head)
    const spreads = layers.map(spreadOf)
    const lossOf = (state: State) => {
      const moved = layersOf(state, rows, head)
      return amSoftmax(moved[2]) + WEIGHT * regulariser(moved, spreads)
    }
    const near = (got: number, wanted: number, tolerance: number, what: string) =>
      assert.ok(Math.abs(got - wanted) <= tolerance, `${what}: ${got}, not ${wanted}; seed ${seed}`)
    near(reports.jrd!, WEIGHT * regulariser(layers, spreads), 1e-10, 'regulariser')
    near(reports.objective!, amSoftmax(layers[2]), 1e-10, 'objective')
    near(reports.loss!, lossOf(start), 1e-10, 'loss')
    const slopes = await gradientsOf(steps, graph, step, seed, start)
    for (const { name } of graph.parameters) {
      for (const [place, got] of slopes[name]!.entries()) {
        const at = (offset: number) =>
          lossOf({ ...start, [name]: start[name]!.with(place, start[name]![place]! + offset) })
        near(got, (at(1e-5) - at(-1e-5)) / 2e-5, 1e-6, `${name}[${place}]`)
      }
    }
  })
}

test('with dropout the first kernel of a linear head sees the whole features, the others what is left', async () => {
  const seed = 22
  const random = seededRandom(seed)
  const graph = buildTrainingGraph({
    objective: { kind: 'am-softmax' },
    jrd: { weight: WEIGHT },
    head: { kind: 'linear' },
    inputDimensions: INPUTS,
    dimensions: DIMENSIONS,
    classes: CLASSES,
    seed,
    batch: { classes: 4, perClass: 2 },
    precision: 'float64',
  })
  await using steps = await openSteps(graph, 'float64')
  const whole = Float32Array.from({ length: labels.length * INPUTS }, () => gaussian(random))
  const features = whole.map((value) => (random() < 0.4 ? 0 : value))
  const step: Step = { features, wholeFeatures: whole, labels, learningRate: 1 }
  const { reports } = await steps.step(step, random, steps.initial)
  const [, embedding, cosines] = layersOf(steps.initial, rowsOf(features, INPUTS), {
    kind: 'linear',
  })
  const layers = [rowsOf(whole, INPUTS), embedding, cosines]
  const wanted = WEIGHT * regulariser(layers, layers.map(spreadOf))
  assert.ok(Math.abs(reports.jrd! - wanted) < 1e-10, `${reports.jrd}, not ${wanted}; seed ${seed}`)
})

test('JRD without class similarities is refused', () => {
  const build = () =>
    buildTrainingGraph({
      objective: { kind: 'contrastive' },
      jrd: {},
      head: { kind: 'linear' },
      seed: 1,
      inputDimensions: 4,
      dimensions: 4,
      classes: 4,
      batch: { classes: 2, perClass: 2 },
    })
  assert.throws(build, failsWith('TRAINING_INVALID', 'JRD', 'contrastive'))
})
