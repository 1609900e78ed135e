import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gradients } from '../../../src/onnx/autodiff/gradients.ts'
import { GraphBuilder } from '../../../src/onnx/autodiff/graph-builder.ts'
import { emitStep, type Optimiser } from '../../../src/onnx/autodiff/optimiser.ts'
import { mul, reshape, sum } from '../../../src/onnx/autodiff/primitives.ts'
import { openBuilt } from '../../support/run-graph.ts'

const START = [1, -2, 0.5]
const SLOPES = [
  [0.1, -0.2, 3],
  [0.4, 0.1, -1],
  [-0.3, 0.2, 0.5],
  [0.2, 0, 1],
]
const RATES = [0.1, 0.05, 0.05, 0.02]
const MULTIPLIER = 3

/** Steps on the loss w . slopes, whose gradient is the slopes; the weights are kept in `blocks`. */
async function weightsAfterSteps(
  optimiser: Optimiser,
  decays: boolean,
  blocks: 1 | 3,
): Promise<number[]> {
  const graph = new GraphBuilder({ precision: 'float64' })
  const kept = graph.input('w', [blocks, 3 / blocks])
  const value = reshape(kept, [3])
  const slopes = graph.input('slopes', [3])
  const rate = graph.input('rate', [])
  const found = gradients(sum(mul(value, slopes)), [value])
  const initial = Float32Array.from(START)
  const state = emitStep(graph, optimiser, rate, [{ name: 'w', kept, initial, decays }], found)
  await using runnable = await openBuilt(graph)
  let values = new Map(state.map((tensor) => [tensor.name, Float64Array.from(tensor.initial)]))
  for (const [i, slope] of SLOPES.entries()) {
    const outputs = await runnable.run({
      slopes: { dims: [3], values: Float64Array.from(slope) },
      rate: { dims: [], values: Float64Array.of(RATES[i]!) },
      'multiplier of w': { dims: [], values: Float64Array.of(MULTIPLIER) },
      ...Object.fromEntries(
        state.map(({ name, dims }) => [name, { dims, values: values.get(name)! }]),
      ),
    })
    values = new Map(state.map(({ name, next }) => [name, Float64Array.from(outputs[next]!)]))
  }
  return [...values.get('w')!]
}

/** The same, as the papers write it, one weight at a time. */
function byHand(optimiser: Optimiser, decays: boolean): number[] {
  return START.map((start, j) => {
    let [w, m, v] = [start, 0, 0]
    for (const [i, slopes] of SLOPES.entries()) {
      const rate = RATES[i]! * MULTIPLIER
      const decay = decays ? optimiser.weightDecay : 0
      let g = slopes[j]!
      if (optimiser.kind !== 'adamw') g += decay * w
      if (optimiser.kind === 'sgd') {
        m = optimiser.momentum * m + g
        w -= rate * m
        continue
      }
      const { beta1, beta2, epsilon } = optimiser
      if (optimiser.kind === 'adamw') w -= rate * decay * w
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      const first = m / (1 - beta1 ** (i + 1))
      const second = v / (1 - beta2 ** (i + 1))
      w -= (rate * first) / (Math.sqrt(second) + epsilon)
    }
    return w
  })
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 }
const OPTIMISERS: readonly Optimiser[] = [
  { kind: 'sgd', momentum: 0, weightDecay: 0 },
  { kind: 'sgd', momentum: 0.9, weightDecay: 0.01 },
  { kind: 'adam', ...adam },
  { kind: 'adamw', ...adam },
]

for (const optimiser of OPTIMISERS) {
  for (const decays of [true, false]) {
    const name = `${JSON.stringify(optimiser)}, decaying: ${decays}`
    test(`steps of ${name}, are those of the paper`, async () => {
      const wanted = byHand(optimiser, decays)
      for (const [j, got] of (await weightsAfterSteps(optimiser, decays, 1)).entries()) {
        assert.ok(Math.abs(got - wanted[j]!) < 1e-12, `got ${got}, wanted ${wanted[j]}`)
      }
    })

    test(`steps of ${name}, are the same in blocks`, async () => {
      const whole = await weightsAfterSteps(optimiser, decays, 1)
      assert.deepEqual(await weightsAfterSteps(optimiser, decays, 3), whole)
    })
  }
}
