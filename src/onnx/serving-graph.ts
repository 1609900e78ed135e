import { type GraphProto, TensorProto_DataType } from 'onnx-buf'
import { LayerChain } from './layer-chain.ts'
import { readOnnx, writeOnnx } from './model-file.ts'
import { floatTensor, freePrefix, int64Tensor, node, valueInfo } from './parts.ts'
import { checkServable, type ServingSpec } from './serving-spec.ts'

export interface ServingGraph {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** uint8 [batch, height, width, 3], RGB interleaved. */
  readonly inputName: string
  /** float32 [batch, dimensions]. */
  readonly outputName: string
  /** 1 when the graph was exported for a batch of one, which cannot be lifted from outside. */
  readonly maxBatch: number
}

const { FLOAT, UINT8 } = TensorProto_DataType

/**
 * Puts what stands between 8-bit pixels and a unit vector into the graph: cast, channel order,
 * mean and deviation, layout, the bundle's graph, pooling, flattening, L2 normalisation. Keeps the
 * model's operator set. The bundle's own input becomes an inner value of the same name, so that its
 * nodes and their subgraphs stay as they are.
 *
 * A graph with a fixed batch of one is served in batches of one: a Reshape inside may rely on it.
 *
 * @throws ONNX_INVALID for bytes that are no model, MODEL_INVALID where model and `spec` disagree.
 */
export function addServingLayers(model: Uint8Array, spec: ServingSpec): ServingGraph {
  const parsed = readOnnx(model)
  const { graph } = parsed
  const { batch, inputType, outputRank } = checkServable(parsed, spec)
  const prefix = freePrefix(graph, 'serving')
  const inputName = `${prefix}pixels`
  const { width, height } = spec.input
  graph.initializer.push(
    floatTensor(`${prefix}mean`, [3], spec.input.mean),
    floatTensor(`${prefix}std`, [3], spec.input.std),
  )
  const nodes = graph.node
  graph.node = []
  addLayersBefore(graph, prefix, spec.input, inputType)
  graph.node.push(...nodes)
  const outputName = addLayersAfter(graph, prefix, spec.output, outputRank)
  graph.input = [
    valueInfo(inputName, UINT8, [batch ?? 'batch', height, width, 3]),
    ...graph.input.filter(({ name }) => name !== spec.input.name),
  ]
  graph.output = [valueInfo(outputName, FLOAT, [batch ?? 'batch', spec.output.dimensions])]
  // Shapes noted for inner values may hold the old batch; onnxruntime infers them again.
  graph.valueInfo = []
  const maxBatch = batch ?? Number.POSITIVE_INFINITY
  return { bytes: writeOnnx(parsed), inputName, outputName, maxBatch }
}

function addLayersBefore(
  graph: GraphProto,
  prefix: string,
  { name, colour, layout }: ServingSpec['input'],
  type: TensorProto_DataType,
): void {
  const chain = new LayerChain(graph, `${prefix}pixels`, prefix)
  chain.add('Cast', 'float', { to: BigInt(FLOAT) })
  if (colour === 'bgr') {
    graph.initializer.push(int64Tensor(`${prefix}channels`, [3], [2, 1, 0]))
    chain.add('Gather', 'bgr', { axis: 3n }, [`${prefix}channels`])
  }
  chain.add('Sub', 'centred', {}, [`${prefix}mean`])
  chain.add('Div', 'scaled', {}, [`${prefix}std`])
  if (layout === 'NCHW') chain.add('Transpose', 'planar', { perm: [0n, 3n, 1n, 2n] })
  graph.node.push(node('Cast', [chain.last], [name], { to: BigInt(type) }))
}

/** @returns the name of the vectors. */
function addLayersAfter(
  graph: GraphProto,
  prefix: string,
  { name, pooling, normalise }: ServingSpec['output'],
  rank: number | null,
): string {
  const chain = new LayerChain(graph, name, prefix)
  chain.add('Cast', 'embedding', { to: BigInt(FLOAT) })
  if (pooling === 'class-token') {
    graph.initializer.push(int64Tensor(`${prefix}class token`, [1], [0]))
    chain.add('Gather', 'first token', { axis: 1n }, [`${prefix}class token`])
  } else if (pooling === 'mean') {
    // Unlike ReduceMean, whose axes became an input, it is the same in every operator set.
    if (rank === 3) chain.add('Transpose', 'channels first', { perm: [0n, 2n, 1n] })
    chain.add('GlobalAveragePool', 'mean of places')
  }
  // Of a [batch, C] tensor Flatten changes nothing, so it serves also where the rank is unsaid.
  chain.add('Flatten', normalise === 'l2' ? 'flat' : 'vector', { axis: 1n })
  // Harmless where the graph normalises already: a unit vector stays as it is.
  if (normalise === 'l2') chain.addUnit('vector')
  return chain.last
}
