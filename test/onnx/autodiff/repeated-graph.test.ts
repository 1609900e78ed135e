import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphBuilder } from '../../../src/onnx/autodiff/graph-builder.ts'
import { add, mul } from '../../../src/onnx/autodiff/primitives.ts'
import { afterAll, buildRepeated } from '../../../src/onnx/autodiff/repeated-graph.ts'
import { openGraph } from '../../support/run-graph.ts'

test('a repeated graph hands on what it carries, and gives a slice for each run', async () => {
  const body = new GraphBuilder({ prefix: 'body/' })
  // In another order than the repeated graph has them.
  const given = body.input('given', [2])
  const sum = body.input('sum', [2])
  const next = add(mul(sum, 2), given)
  body.output('sum after a run', next)
  const carried = [{ name: 'sum', next: body.expose(next), dims: [1, 2] }]
  await using runnable = await openGraph(buildRepeated(body, 'sums', carried))
  const outputs = await runnable.run({
    given: { dims: [3, 2], values: Float32Array.of(1, 10, 2, 20, 3, 30) },
    sum: { dims: [1, 2], values: Float32Array.of(100, 0) },
  })
  assert.deepEqual(outputs, {
    [afterAll('sum')]: Float64Array.of(811, 110),
    'sum after a run': Float64Array.of(201, 10, 404, 40, 811, 110),
  })
})

test('what is carried must be an input and an output of the body', () => {
  const body = new GraphBuilder({ prefix: 'body/' })
  const carried = [{ name: 'x', next: body.expose(add(body.input('x', []), 1)), dims: [] }]
  assert.ok(buildRepeated(body, 'count', carried).length > 0)
  assert.throws(
    () => buildRepeated(body, 'count', [{ ...carried[0]!, name: 'y' }]),
    /no input or output y/,
  )
})
