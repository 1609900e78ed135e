import { asFloat, equal, indexRow } from '../../onnx/autodiff/choices.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, matmul, mul, reshape } from '../../onnx/autodiff/primitives.ts'
import type { ParameterSet } from '../graph/parameters.ts'
import type { Margin } from './objective.ts'

const BOUNDARY_PARAMETERS = { shared: 'boundary', perClass: 'class boundaries' } as const

/** [n, 1]: the distance between alike and different for each anchor, shared + that of its class. */
export function emitBoundaries(
  objective: Margin,
  labels: Value,
  classes: number,
  parameters: ParameterSet,
): Value {
  const { boundary, learnBoundary, boundaryPerClass, boundaryRate } = objective
  const n = labels.dims[0]!
  const { graph } = labels
  const ones = graph.constant(new Array<number>(n).fill(1), [n, 1])
  if (!learnBoundary) return mul(ones, boundary)
  const options = { multiplier: boundaryRate, decays: false }
  const shared = parameters.declare(
    BOUNDARY_PARAMETERS.shared,
    [1, 1],
    Float32Array.of(boundary),
    options,
  )
  if (!boundaryPerClass) return mul(ones, shared)
  const own = asFloat(equal(reshape(labels, [n, 1]), indexRow(labels, classes)))
  const initial = new Float32Array(classes)
  const each = parameters.declare(BOUNDARY_PARAMETERS.perClass, [classes, 1], initial, options)
  return add(matmul(own, each), shared)
}
