import { TensorProto_DataType } from 'onnx-buf'
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
  const nodes = graph.node
  graph.node = []
  const before = new LayerChain(graph, inputName, prefix)
  addLayersBefore(before, spec.input)
  const entry = node('Cast', [before.last], [spec.input.name], { to: BigInt(inputType) })
  graph.node.push(entry, ...nodes)
  const after = new LayerChain(graph, spec.output.name, prefix)
  addLayersAfter(after, spec.output, outputRank)
  const outputName = after.last
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

function addLayersBefore(chain: LayerChain, input: ServingSpec['input']): void {
  chain.add('Cast', 'float', { to: BigInt(FLOAT) })
  if (input.colour === 'bgr') {
    chain.add('Gather', 'bgr', { axis: 3n }, [int64Tensor('channels', [3], [2, 1, 0])])
  }
  chain.add('Sub', 'centred', {}, [floatTensor('mean', [3], input.mean)])
  chain.add('Div', 'scaled', {}, [floatTensor('std', [3], input.std)])
  if (input.layout === 'NCHW') chain.add('Transpose', 'planar', { perm: [0n, 3n, 1n, 2n] })
}

function addLayersAfter(
  chain: LayerChain,
  { pooling, normalise }: ServingSpec['output'],
  rank: number | null,
): void {
  chain.add('Cast', 'embedding', { to: BigInt(FLOAT) })
  if (pooling === 'class-token') {
    chain.add('Gather', 'first token', { axis: 1n }, [int64Tensor('class token', [1], [0])])
  } else if (pooling === 'mean') {
    // Unlike ReduceMean, whose axes became an input, it is the same in every operator set.
    if (rank === 3) chain.add('Transpose', 'channels first', { perm: [0n, 2n, 1n] })
    chain.add('GlobalAveragePool', 'mean of places')
  }
  // Flatten changes nothing of a [batch, C] tensor, so it serves also where the rank is not given.
  chain.add('Flatten', normalise === 'l2' ? 'flat' : 'vector', { axis: 1n })
  // Harmless where the graph normalises already: a unit vector stays as it is.
  if (normalise === 'l2') chain.addUnit('vector')
}
