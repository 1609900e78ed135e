import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  buildEmbeddingGraph,
  type EmbeddingGraphOptions,
} from '../../../src/learning/graph/head.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { rowsOf, sum, unit } from '../../support/reference-losses.ts'
import { openGraph } from '../../support/run-graph.ts'

const shape = { inputDimensions: 5, dimensions: 6 }
const seed = 8
const random = seededRandom(seed)
const numbers = (size: number) => Float32Array.from({ length: size }, () => gaussian(random))
const values = {
  'head/hidden weight': numbers(5 * 7),
  'head/hidden bias': numbers(7),
  'head/weight': numbers(7 * 6),
  'head/bias': numbers(6),
}
const mlp = { ...shape, head: { kind: 'mlp', hidden: 7 } } as const

async function embed(options: EmbeddingGraphOptions, features: readonly number[][]) {
  await using runnable = await openGraph(buildEmbeddingGraph(options, values))
  const flat = Float32Array.from(features.flat())
  const outputs = await runnable.run({ features: { dims: [features.length, 5], values: flat } })
  return rowsOf(outputs.embedding!, 6)
}

function dense(row: readonly number[], weight: Float32Array, bias: Float32Array): number[] {
  return Array.from(bias, (offset, j) =>
    sum([offset, ...row.map((x, i) => x * weight[i * bias.length + j]!)]),
  )
}

function assertRows(got: readonly number[][], wanted: readonly number[][]): void {
  for (const [i, value] of got.flat().entries()) {
    assert.ok(Math.abs(value - wanted.flat()[i]!) < 1e-6, `got ${got}, wanted ${wanted}`)
  }
}

const outputOf = (row: readonly number[]) => {
  const hidden = dense(row, values['head/hidden weight'], values['head/hidden bias'])
  const active = hidden.map((x) => Math.max(0, x))
  return dense(active, values['head/weight'], values['head/bias'])
}

test('the exported head gives the unit vector of each row, for any batch', async () => {
  for (const batch of [1, 2, 5]) {
    const rows = rowsOf(numbers(batch * 5), 5)
    const wanted = rows.map((row) => unit(outputOf(row)))
    assertRows(await embed(mlp, rows), wanted)
    assertRows(await embed({ ...mlp, learners: { kind: 'masks', count: 3 } }, rows), wanted)
  }
})

test('with fixed slices every slice is made unit before the whole is', async () => {
  const rows = rowsOf(numbers(4 * 5), 5)
  const wanted = rows.map((row) => {
    const output = outputOf(row)
    const slices = [0, 2, 4].map((from) => unit(output.slice(from, from + 2)))
    return unit(slices.flat())
  })
  assertRows(await embed({ ...mlp, learners: { kind: 'slices', count: 3 } }, rows), wanted)
})

test('parameters of another size are refused', () => {
  const short = { ...values, 'head/bias': numbers(3) }
  assert.throws(() => buildEmbeddingGraph(mlp, short), /6 numbers for head\/bias \[6\], got 3/)
})
