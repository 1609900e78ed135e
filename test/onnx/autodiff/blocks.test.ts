import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockDims, inBlocks } from '../../../src/onnx/autodiff/blocks.ts'
import { GraphBuilder } from '../../../src/onnx/autodiff/graph-builder.ts'
import { add, mul, sub } from '../../../src/onnx/autodiff/primitives.ts'
import { openBuilt } from '../../support/run-graph.ts'

test('large tensors are kept in the fewest equal blocks that stay in a cache', () => {
  assert.deepEqual(blockDims(1280 * 512), [20, 32_768])
  assert.deepEqual(blockDims(1280 * 300), [12, 32_000])
  assert.deepEqual(blockDims(32_768), [1, 32_768])
  assert.deepEqual(blockDims(2 * 16_411), [2, 16_411])
  assert.deepEqual(blockDims(1), [1, 1])
})

test('a size without a fitting divisor is one block', () => {
  assert.deepEqual(blockDims(1_000_003), [1, 1_000_003])
})

for (const blocks of [1, 2, 3]) {
  test(`work in ${blocks} blocks gives every element its own`, async () => {
    const graph = new GraphBuilder({ precision: 'float64' })
    const [a, b] = [graph.input('a', [blocks, 6 / blocks]), graph.input('b', [blocks, 6 / blocks])]
    const factor = mul(graph.input('factor', []), 3)
    const made = inBlocks([a, b], ([x, y]) => [mul(sub(x!, y!), factor), add(x!, 0.5)])
    const [difference, more] = made.map((value) => graph.expose(value))
    await using runnable = await openBuilt(graph)
    const outputs = await runnable.run({
      a: { dims: a.dims, values: Float64Array.of(1, 2, 3, 4, 5, 6) },
      b: { dims: b.dims, values: Float64Array.of(6, 5, 4, 3, 2, 1) },
      factor: { dims: [], values: Float64Array.of(2) },
    })
    assert.deepEqual([...outputs[difference!]!], [-30, -18, -6, 6, 18, 30])
    assert.deepEqual([...outputs[more!]!], [1.5, 2.5, 3.5, 4.5, 5.5, 6.5])
  })
}
