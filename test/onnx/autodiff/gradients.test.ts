import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detach, equal, greater, less, rowArgMax } from '../../../src/onnx/autodiff/choices.ts'
import {
  distances,
  logOnePlusSumExp,
  logSumExp,
  maskedMax,
  maskedMin,
  softplus,
  unitRows,
} from '../../../src/onnx/autodiff/formulas.ts'
import { gradients } from '../../../src/onnx/autodiff/gradients.ts'
import { GraphBuilder, type Value } from '../../../src/onnx/autodiff/graph-builder.ts'
import {
  add,
  atLeast,
  div,
  exp,
  log,
  matmul,
  max,
  mul,
  neg,
  reshape,
  sqrt,
  sub,
  sum,
  transpose,
  where,
} from '../../../src/onnx/autodiff/primitives.ts'
import { gaussian, type Random, seededRandom } from '../../../src/vector/random.ts'
import { openBuilt } from '../../support/run-graph.ts'

interface Case {
  readonly shapes: readonly (readonly number[])[]
  readonly apply: (...inputs: Value[]) => Value
  /** Keeps inputs where the function is smooth. */
  readonly domain?: (value: number) => number
  /** How many of the first inputs only choose, so that no gradient flows to them. */
  readonly choosers?: number
}

const positive = (value: number) => 0.2 + Math.abs(value)
const matrix = [[3, 4]]

const CASES: Readonly<Record<string, Case>> = {
  add: { shapes: [[3, 4], [4]], apply: (a, b) => add(a!, b!) },
  'add a number': { shapes: matrix, apply: (x) => add(x!, 2) },
  sub: {
    shapes: [
      [1, 4],
      [3, 1],
    ],
    apply: (a, b) => sub(a!, b!),
  },
  mul: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    apply: (a, b) => mul(a!, b!),
  },
  'mul by itself': { shapes: matrix, apply: (x) => mul(x!, x!) },
  div: {
    shapes: [
      [3, 1],
      [3, 4],
    ],
    apply: (a, b) => div(a!, b!),
    domain: positive,
  },
  neg: { shapes: matrix, apply: (x) => neg(x!) },
  exp: { shapes: matrix, apply: (x) => exp(x!) },
  log: { shapes: matrix, apply: (x) => log(x!), domain: positive },
  sqrt: { shapes: matrix, apply: (x) => sqrt(x!), domain: positive },
  atLeast: { shapes: matrix, apply: (x) => atLeast(x!, 0.1) },
  where: {
    shapes: [
      [3, 4],
      [1, 4],
      [3, 1],
    ],
    choosers: 1,
    apply: (c, a, b) => where(greater(c!, 0), a!, b!),
  },
  matmul: {
    shapes: [
      [3, 5],
      [5, 2],
    ],
    apply: (a, b) => matmul(a!, b!),
  },
  transpose: { shapes: matrix, apply: (x) => transpose(x!) },
  reshape: { shapes: matrix, apply: (x) => reshape(x!, [2, 1, 6]) },
  'sum of all': { shapes: matrix, apply: (x) => sum(x!) },
  'sum along one axis': { shapes: [[2, 3, 4]], apply: (x) => sum(x!, [1]) },
  max: { shapes: [[2, 3, 4]], apply: (x) => max(x!, [2]) },
  softplus: { shapes: matrix, apply: (x) => softplus(mul(x!, 5)) },
  unitRows: { shapes: matrix, apply: (x) => unitRows(x!) },
  distances: { shapes: [[5, 3]], apply: (x) => distances(x!) },
  logSumExp: { shapes: [[4, 5]], apply: (x) => logSumExp(mul(x!, 9), greater(x!, -0.5)) },
  'logSumExp of columns': { shapes: [[4, 5]], apply: (x) => logSumExp(x!, greater(x!, -0.5), 0) },
  logOnePlusSumExp: { shapes: [[4, 5]], apply: (x) => logOnePlusSumExp(x!, greater(x!, 0.3)) },
  maskedMax: { shapes: [[4, 5]], apply: (x) => maskedMax(x!, less(x!, 0.5)) },
  maskedMin: { shapes: [[4, 5]], apply: (x) => maskedMin(x!, greater(x!, -2.5)) },
}

for (const [seed, [name, example]] of Object.entries(CASES).entries()) {
  const { shapes, domain = (value: number) => value } = example
  test(`the gradient of ${name} is that of finite differences`, async () => {
    const random = seededRandom(seed)
    const inputs = shapes.map((dims) => ({
      dims,
      values: Float64Array.from({ length: sizeOf(dims) }, () => domain(gaussian(random))),
    }))
    await assertGradients(inputs, example, random, `seed ${seed}`)
  })
}

async function assertGradients(
  inputs: readonly { dims: readonly number[]; values: Float64Array }[],
  { apply, choosers = 0 }: Case,
  random: Random,
  hint: string,
): Promise<void> {
  const graph = new GraphBuilder({ precision: 'float64' })
  const values = inputs.map(({ dims }, i) => graph.input(`x${i}`, dims))
  const result = apply(...values)
  // Weighted, so that no two elements of the result can stand in for each other.
  const weights = Array.from({ length: sizeOf(result.dims) }, () => gaussian(random))
  const loss = reshape(sum(mul(result, graph.constant(weights, result.dims))), [])
  graph.output('loss', loss)
  const used = values.slice(choosers)
  for (const [i, gradient] of gradients(loss, used).entries()) {
    graph.output(`gradient of ${used[i]!.name}`, gradient)
  }
  await using runnable = await openBuilt(graph)
  const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]))
  const outputs = await runnable.run(feeds)
  for (const { name } of used) {
    const { dims, values: at } = feeds[name]!
    for (let i = 0; i < at.length; i++) {
      const step = 1e-5
      const lossAt = async (offset: number) => {
        const moved = at.map((value, j) => (j === i ? value + offset : value))
        return (await runnable.run({ ...feeds, [name]: { dims, values: moved } })).loss![0]!
      }
      const wanted = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step)
      const got = outputs[`gradient of ${name}`]![i]!
      const close = Math.abs(got - wanted) <= 1e-7 * Math.max(1, Math.abs(wanted))
      assert.ok(close, `${name}[${i}]: got ${got}, finite difference ${wanted}; ${hint}`)
    }
  }
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1)
}

/** Value and gradient of a function of one row, in float32. */
async function slope(row: readonly number[], apply: (x: Value) => Value) {
  const graph = new GraphBuilder()
  const x = graph.input('x', [1, row.length])
  const result = apply(x)
  graph.output('value', result)
  graph.output('gradient', gradients(sum(result), [x])[0]!)
  await using runnable = await openBuilt(graph)
  const { value, gradient } = await runnable.run({
    x: { dims: [1, row.length], values: Float32Array.from(row) },
  })
  return { value: [...value!], gradient: [...gradient!] }
}

test('tied maxima share the gradient evenly', async () => {
  const { value, gradient } = await slope([1, 3, 2, 3], (x) => max(x, [1]))
  assert.deepEqual(value, [3])
  assert.deepEqual(gradient, [0, 0.5, 0, 0.5])
})

test('of tied maxima the first is chosen', async () => {
  const { gradient } = await slope([1, 3, 2, 3], (x) => where(rowArgMax(x), x, 0))
  assert.deepEqual(gradient, [0, 1, 0, 0])
})

test('no gradient passes a detached value', async () => {
  const { gradient } = await slope([1, 2, 3, 4], (x) => mul(detach(x), x))
  assert.deepEqual(gradient, [1, 2, 3, 4])
})

test('softplus has slope one half at zero and neither overflows nor loses large values', async () => {
  const { value, gradient } = await slope([0, 200, -200], softplus)
  assert.deepEqual(value, [Math.fround(Math.LN2), 200, 0])
  assert.deepEqual(gradient, [0.5, 1, 0])
})

test('distances of duplicates have finite gradients', async () => {
  const { gradient } = await slope([0.6, 0.8, 0.6, 0.8], (x) => distances(reshape(x, [2, 2])))
  assert.deepEqual(gradient, [0, 0, 0, 0])
})

test('a masked log-sum-exp of huge values is finite, and empty it is as good as minus infinity', async () => {
  const huge = await slope([500, 499, 1e4], (x) => logSumExp(x, less(x, 1000)))
  assert.ok(Math.abs(huge.value[0]! - (500 + Math.log1p(Math.exp(-1)))) < 1e-4)
  assert.equal(huge.gradient[2], 0)
  const none = await slope([1, 2], (x) => logSumExp(x, greater(x, 5)))
  assert.ok(none.value[0]! < -1e8)
  const empty = await slope([1, 2], (x) => logOnePlusSumExp(x, greater(x, 5)))
  assert.deepEqual(empty, { value: [0], gradient: [0, 0] })
})

test('nodes are named for the scope of their line, also those of its gradient', () => {
  const graph = new GraphBuilder()
  const x = graph.input('x', [2, 2])
  const loss = graph.scope('hinge', () => sum(atLeast(x, 0)))
  assert.match(loss.name, /^hinge\/ReduceSum/)
  assert.match(gradients(loss, [x])[0]!.name, /gradient of hinge\/Max/)
})

test('shapes that do not fit are refused with the scope they are in', () => {
  const graph = new GraphBuilder()
  const a = graph.input('a', [2, 3])
  const b = graph.input('b', [2, 4])
  assert.throws(() => graph.scope('hinge', () => add(a, b)), /hinge.*\[2,3\].*\[2,4\]/)
  assert.throws(() => graph.scope('hinge', () => matmul(a, b)), /hinge.*\[2,3\].*\[2,4\]/)
  assert.throws(() => reshape(a, [5]), /\[2,3\].*\[5\]/)
  assert.throws(() => gradients(equal(a, a), [a]), /scalar/)
})
