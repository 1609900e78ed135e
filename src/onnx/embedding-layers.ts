import { create } from '@bufbuild/protobuf'
import { StringStringEntryProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { AppError, shown } from '../errors.ts'
import { freePrefix } from './free-prefix.ts'
import { floatTensor, int64Tensor, node, valueInfo } from './parts.ts'
import { readOnnx, standardOpset } from './read.ts'
import { declaredTensor } from './tensor-shape.ts'
import { writeOnnx } from './write.ts'

/** x W + b; W is [inputs, outputs]. */
interface AffineLayer {
  readonly inputs: number
  readonly outputs: number
  readonly weight: Float32Array
  readonly bias: Float32Array
}

export interface EmbeddingLayers {
  /** Of the model: [batch, dimensions], or [batch, dimensions, 1, 1]. */
  readonly output: { readonly name: string; readonly dimensions: number }
  /** On the unit output; null leaves it alone. The result is made unit. */
  readonly layers: {
    /** Before relu. */
    readonly hidden: AffineLayer | null
    readonly last: AffineLayer
    /** Contiguous parts of the result that are made unit each before the whole is; 1 for none. */
    readonly slices: number
  } | null
  /**
   * What the layers count in cosines, from 0 to 1, beside the output itself; 1 is the layers alone.
   */
  readonly share: number
  /** `metadata_props` to add; a key that the model has is replaced. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface EmbeddingModel {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly outputName: string
  readonly dimensions: number
}

/** LpNormalization, Gemm and Mul as we write them are the same from this version on. */
const OLDEST_OPSET = 7
/** Before this version initialisers had to be inputs too. */
const OLDEST_IR = 4n
const { FLOAT } = TensorProto_DataType

/**
 * Puts what was learnt behind a model's output: one graph, from its input to a unit vector. Keeps
 * the model's operator set, its input, and a fixed batch of one where it has it.
 *
 * @throws ONNX_INVALID for bytes that are no model, MODEL_INVALID where `output` is not there or the
 * operator set is too old.
 */
export function addEmbeddingLayers(model: Uint8Array, layers: EmbeddingLayers): EmbeddingModel {
  const parsed = readOnnx(model)
  const { graph } = parsed
  const found = graph.output.find(({ name }) => name === layers.output.name)
  if (found === undefined || standardOpset(parsed) < OLDEST_OPSET) {
    throw new AppError(
      'MODEL_INVALID',
      `expected an output ${shown(layers.output.name)} and operator set ${OLDEST_OPSET} or later, got ${graph.output.map(({ name }) => shown(name)).join(', ')} and ${standardOpset(parsed)}`,
    )
  }
  const prefix = freePrefix(graph, 'learnt')
  const named = (name: string) => `${prefix}${name}`
  const unit = (from: string, to: string) => {
    graph.node.push(node('LpNormalization', [from], [to], { axis: 1n, p: 2n }))
    return to
  }
  graph.node.push(
    node('Cast', [layers.output.name], [named('float')], { to: BigInt(FLOAT) }),
    node('Flatten', [named('float')], [named('flat')], { axis: 1n }),
  )
  const features = unit(named('flat'), named('features'))
  const { share } = layers
  const { dimensions: inputs } = layers.output
  let outputName = features
  let dimensions = inputs
  if (layers.layers !== null) {
    const { hidden, last, slices } = layers.layers
    const affine = (name: string, from: string, { inputs, outputs, weight, bias }: AffineLayer) => {
      graph.initializer.push(
        floatTensor(named(`${name} weight`), [inputs, outputs], weight),
        floatTensor(named(`${name} bias`), [outputs], bias),
      )
      const terms = [from, named(`${name} weight`), named(`${name} bias`)]
      graph.node.push(node('Gemm', terms, [named(name)]))
      return named(name)
    }
    let at = features
    if (hidden !== null) {
      graph.node.push(node('Relu', [affine('hidden', at, hidden)], [named('active')]))
      at = named('active')
    }
    at = affine('mapped', at, last)
    if (slices > 1) {
      graph.initializer.push(
        int64Tensor(named('sliced shape'), [3], [0, slices, last.outputs / slices]),
        int64Tensor(named('whole shape'), [2], [0, last.outputs]),
      )
      graph.node.push(
        node('Reshape', [at, named('sliced shape')], [named('sliced')]),
        node('LpNormalization', [named('sliced')], [named('unit slices')], { axis: 2n, p: 2n }),
        node('Reshape', [named('unit slices'), named('whole shape')], [named('whole')]),
      )
      at = named('whole')
    }
    outputName = unit(at, named('head'))
    dimensions = last.outputs
    if (share < 1) {
      graph.initializer.push(
        floatTensor(named('of features'), [1], [Math.sqrt(1 - share)]),
        floatTensor(named('of head'), [1], [Math.sqrt(share)]),
      )
      graph.node.push(
        node('Mul', [features, named('of features')], [named('weighed features')]),
        node('Mul', [named('head'), named('of head')], [named('weighed head')]),
        node('Concat', [named('weighed features'), named('weighed head')], [named('joined')], {
          axis: 1n,
        }),
      )
      // Unit already, but for rounding and for a head of 0.
      outputName = unit(named('joined'), named('vector'))
      dimensions += inputs
    }
  }
  const [inputInfo] = graph.input
  const fixedBatch = inputInfo !== undefined && declaredTensor(inputInfo)?.dims?.[0] === 1
  graph.output = [valueInfo(outputName, FLOAT, [fixedBatch ? 1 : 'batch', dimensions])]
  // Shapes noted for inner values may hold an old batch; onnxruntime infers them anew.
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
