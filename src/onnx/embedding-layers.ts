import { create } from '@bufbuild/protobuf'
import {
  type GraphProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf'
import { AppError, shown } from '../errors.ts'
import { addInnerRows, INNER_ROWS, innerMaps } from './inner-maps.ts'
import { LayerChain } from './layer-chain.ts'
import { readOnnx, standardOpset, writeOnnx } from './model-file.ts'
import { declaredTensor, floatTensor, freePrefix, valueInfo } from './parts.ts'

/** x W + b; W is [inputs, outputs]. */
interface AffineLayer {
  readonly inputs: number
  readonly outputs: number
  readonly weight: Float32Array
  readonly bias: Float32Array
}

export interface EmbeddingLayers {
  /** The model's output: [batch, dimensions], or [batch, dimensions, 1, 1]. */
  readonly output: { readonly name: string; readonly dimensions: number }
  /** The layers on the unit output, whose result is made unit; null leaves it alone. */
  readonly layers: {
    /** The layer before relu; null for none. */
    readonly hidden: AffineLayer | null
    readonly last: AffineLayer
    /** Contiguous parts of the result that are made unit each before the whole is; 1 for none. */
    readonly slices: number
    /** Whether they are on `addInnerRows`, the unit output with inner maps beside it, instead. */
    readonly readsInner?: boolean
  } | null
  /** The weight of the layers in cosines beside the output itself, from 0 to 1: the layers alone. */
  readonly share: number
  /** `metadata_props` to add; a key that the model has is replaced. */
  readonly metadata: Readonly<Record<string, string>>
}

/** LpNormalization, Gemm and Mul as we write them are the same from this version on. */
const OLDEST_OPSET = 7
/** Before this version initialisers had to be inputs too. */
const OLDEST_IR = 4n
const { FLOAT } = TensorProto_DataType

/** The layers that `addEmbeddingLayers` has put behind a model's output. */
export interface FoundLayers extends Pick<EmbeddingLayers, 'layers' | 'share' | 'metadata'> {
  /** The length of its vectors. */
  readonly dimensions: number
}

/**
 * Puts what was learnt behind a model's output: one graph, from its input to a unit vector. Keeps
 * the model's operator set, its input, and a fixed batch of one where it has it.
 *
 * @throws ONNX_INVALID for bytes that are no model, MODEL_INVALID where `output` is not there or the
 * operator set is too old.
 */
export function addEmbeddingLayers(model: Uint8Array, layers: EmbeddingLayers) {
  const parsed = readOnnx(model)
  const { graph } = parsed
  const found = graph.output.find(({ name }) => name === layers.output.name)
  if (found === undefined || standardOpset(parsed) < OLDEST_OPSET) {
    const wanted = `an output ${shown(layers.output.name)} and operator set ${OLDEST_OPSET} or later`
    const got = graph.output.map(({ name }) => shown(name)).join(', ')
    const message = `expected ${wanted}, got ${got} and ${standardOpset(parsed)}`
    throw new AppError('MODEL_INVALID', message)
  }
  const { outputName, dimensions } = addLayers(graph, layers)
  const [inputInfo] = graph.input
  const fixedBatch = inputInfo !== undefined && declaredTensor(inputInfo)?.dims?.[0] === 1
  graph.output = [valueInfo(outputName, FLOAT, [fixedBatch ? 1 : 'batch', dimensions])]
  // Shapes noted for inner values may hold an old batch; onnxruntime infers them again.
  graph.valueInfo = []
  if (parsed.irVersion < OLDEST_IR) parsed.irVersion = OLDEST_IR
  parsed.metadataProps = [
    ...parsed.metadataProps.filter(({ key }) => !Object.hasOwn(layers.metadata, key)),
    ...Object.entries(layers.metadata).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  ]
  return { bytes: writeOnnx(parsed), outputName, dimensions }
}

function addLayers(
  graph: GraphProto,
  { output, layers, share }: EmbeddingLayers,
): { readonly outputName: string; readonly dimensions: number } {
  const prefix = freePrefix(graph, 'learnt')
  const chain = new LayerChain(graph, output.name, prefix)
  chain.add('Cast', 'float', { to: BigInt(FLOAT) })
  chain.add('Flatten', 'flat', { axis: 1n })
  chain.addUnit('features')
  const features = chain.last
  if (layers === null) return { outputName: features, dimensions: output.dimensions }
  const addAffine = (name: string, { inputs, outputs, weight, bias }: AffineLayer) =>
    chain.add('Gemm', name, {}, [
      floatTensor(`${name} weight`, [inputs, outputs], weight),
      floatTensor(`${name} bias`, [outputs], bias),
    ])
  const { hidden, last, slices, readsInner } = layers
  if (readsInner) chain.last = addInnerRows(graph, features, prefix, innerMaps(graph))
  if (hidden !== null) {
    addAffine('hidden', hidden)
    chain.add('Relu', 'active')
  }
  addAffine('mapped', last)
  if (slices > 1) chain.addUnitSlices(slices, last.outputs)
  chain.addUnit('head')
  if (share === 1) return { outputName: chain.last, dimensions: last.outputs }
  const joined = new LayerChain(graph, features, prefix)
  joined.add('Mul', 'weighed features', {}, [
    floatTensor('of features', [1], [Math.sqrt(1 - share)]),
  ])
  chain.add('Mul', 'weighed head', {}, [floatTensor('of head', [1], [Math.sqrt(share)])])
  joined.add('Concat', 'joined', { axis: 1n }, [chain.last])
  // Unit already, but for rounding and for a head of 0.
  joined.addUnit('vector')
  return { outputName: joined.last, dimensions: output.dimensions + last.outputs }
}

/**
 * Finds what `addEmbeddingLayers` put last, by its names; null for a model that it did not write.
 * @throws ONNX_INVALID for bytes that are no model.
 */
export function readEmbeddingLayers(model: Uint8Array): FoundLayers | null {
  const { graph, metadataProps } = readOnnx(model)
  const [output, ...others] = graph.output
  const name = /^(learnt\d*\/)(features|head|vector)$/.exec(output?.name ?? '')
  if (name === null || others.length > 0) return null
  const [, prefix, kind] = name
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  const tensor = (part: string) => tensors.get(`${prefix}${part}`)
  const found = {
    dimensions: declaredTensor(output!)?.dims?.at(-1) ?? 0,
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  }
  if (kind === 'features') return { ...found, layers: null, share: 1 }
  const mapped = affineOf(tensor('mapped weight'), tensor('mapped bias'))
  if (mapped === null) return null
  const sliced = tensor('sliced shape')
  const hasInner = graph.node.some(({ name: of }) => of === `${prefix}${INNER_ROWS}`)
  const layers = {
    hidden: affineOf(tensor('hidden weight'), tensor('hidden bias')),
    last: mapped,
    slices: sliced === undefined ? 1 : Number(viewOf(sliced).getBigInt64(8, true)),
    ...(hasInner && { readsInner: true }),
  }
  if (kind === 'head') return { ...found, layers, share: 1 }
  const ofHead = tensor('of head')
  return ofHead === undefined ? null : { ...found, layers, share: floats(ofHead)[0]! ** 2 }
}

function affineOf(weight?: TensorProto, bias?: TensorProto): AffineLayer | null {
  if (weight === undefined || bias === undefined) return null
  const [inputs = 0, outputs = 0] = weight.dims.map(Number)
  const values = { weight: floats(weight), bias: floats(bias) }
  const fits = values.weight.length === inputs * outputs && values.bias.length === outputs
  return fits ? { inputs, outputs, ...values } : null
}

function floats(tensor: TensorProto): Float32Array {
  if (tensor.dataType !== FLOAT) return new Float32Array()
  const view = viewOf(tensor)
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true))
}

function viewOf({ rawData }: TensorProto): DataView {
  return new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
}
