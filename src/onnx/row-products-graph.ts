import { TensorProto_DataType } from 'onnx-buf'
import { modelBytes } from './model-file.ts'
import { node, valueInfo } from './parts.ts'

/** ONNX's name for float64 is DOUBLE. */
const { FLOAT, DOUBLE } = TensorProto_DataType

/**
 * Builds the graph that multiplies `left` [m, k] with the transpose of `right` [n, k] and gives
 * `products` [m, n] in float64.
 * @param type of both inputs.
 */
export function rowProductsGraph(type: 'float32' | 'float64'): Uint8Array<ArrayBuffer> {
  const of = type === 'float32' ? FLOAT : DOUBLE
  const widened = (name: string) => node('Cast', [name], [`wide ${name}`], { to: BigInt(DOUBLE) })
  const factors = type === 'float64' ? ['left', 'right'] : ['wide left', 'wide right']
  const multiply = node('Gemm', factors, ['products'], { transB: 1n })
  return modelBytes({
    name: 'row products',
    node: type === 'float64' ? [multiply] : [widened('left'), widened('right'), multiply],
    input: [valueInfo('left', of, ['m', 'k']), valueInfo('right', of, ['n', 'k'])],
    output: [valueInfo('products', DOUBLE, ['m', 'n'])],
  })
}
