import {
  type GraphProto,
  type NodeProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from 'onnx-buf'
import { AppError, shown } from '../errors.ts'
import { freePrefix } from './free-prefix.ts'
import { floatTensor, int64Tensor, node, valueInfo } from './parts.ts'
import { type OnnxModel, readOnnx, standardOpset } from './read.ts'
import { type DeclaredTensor, declaredTensor, shownDims } from './tensor-shape.ts'
import { writeOnnx } from './write.ts'

/** What the serving layers need to know of a model. */
export interface ServingSpec {
  readonly input: {
    readonly name: string
    readonly layout: 'NCHW' | 'NHWC'
    readonly width: number
    readonly height: number
    /** Order of the channels that the graph wants. */
    readonly colour: 'rgb' | 'bgr'
    /** Of 8-bit values (0 to 255), a number a channel, in the order of `colour`. */
    readonly mean: readonly number[]
    readonly std: readonly number[]
  }
  readonly output: {
    readonly name: string
    readonly dimensions: number
    /**
     * How an output of tokens [batch, tokens, dimensions] becomes one vector; `mean` also takes a
     * feature map [batch, dimensions, height, width]. Left out: the output is a vector already.
     */
    readonly pooling?: 'class-token' | 'mean'
    readonly normalise: 'l2' | 'none'
  }
}

export interface ServingGraph {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** uint8 [batch, height, width, 3], RGB interleaved. */
  readonly inputName: string
  /** float32 [batch, dimensions]. */
  readonly outputName: string
  /** 1 when the graph was exported for a batch of one, which cannot be lifted from outside. */
  readonly maxBatch: number
}

/** Broadcasting of Sub and Div as we write them came with this version. */
const OLDEST_OPSET = 7
const { FLOAT, FLOAT16, UINT8 } = TensorProto_DataType

/**
 * Puts what stands between 8-bit pixels and a unit vector into the graph: cast, channel order,
 * mean and deviation, layout, the bundle's graph, pooling, flattening, L2 normalisation. Keeps the model's
 * operator set. The bundle's own input becomes an inner value of the same name, so that its nodes
 * and their subgraphs stay as they are.
 *
 * A graph with a fixed batch of one is served in batches of one: a Reshape inside may rely on it.
 *
 * @throws ONNX_INVALID for bytes that are no model, MODEL_INVALID where model and `spec` disagree.
 */
export function addServingLayers(model: Uint8Array, spec: ServingSpec): ServingGraph {
  const parsed = readOnnx(model)
  const { graph } = parsed
  checkServable(parsed)
  const input = checkInput(graph, spec)
  const outputRank = checkOutput(graph, spec)

  const prefix = freePrefix(graph, 'serving')
  const inputName = `${prefix}pixels`
  const outputName = `${prefix}vector`
  const fixedBatch = input.dims?.[0] === 1
  const batch = fixedBatch ? 1 : 'batch'
  const { width, height } = spec.input

  graph.initializer.push(
    floatTensor(`${prefix}mean`, [3], spec.input.mean),
    floatTensor(`${prefix}std`, [3], spec.input.std),
  )
  if (spec.input.colour === 'bgr') {
    graph.initializer.push(int64Tensor(`${prefix}channels`, [3], [2, 1, 0]))
  }
  if (spec.output.pooling === 'class-token') {
    graph.initializer.push(int64Tensor(`${prefix}class token`, [1], [0]))
  }
  graph.node = [
    ...layersBefore(prefix, inputName, spec, input),
    ...graph.node,
    ...layersAfter(prefix, outputName, spec, outputRank),
  ]
  graph.input = [
    valueInfo(inputName, UINT8, [batch, height, width, 3]),
    ...graph.input.filter(({ name }) => name !== spec.input.name),
  ]
  graph.output = [valueInfo(outputName, FLOAT, [batch, spec.output.dimensions])]
  // Shapes noted for inner values may hold the old batch; onnxruntime infers them anew.
  graph.valueInfo = []
  return {
    bytes: writeOnnx(parsed),
    inputName,
    outputName,
    maxBatch: fixedBatch ? 1 : Number.POSITIVE_INFINITY,
  }
}

function layersBefore(
  prefix: string,
  inputName: string,
  spec: ServingSpec,
  input: DeclaredTensor,
): NodeProto[] {
  const layers: NodeProto[] = []
  let last = inputName
  const then = (step: string, make: (from: string, to: string) => NodeProto) => {
    layers.push(make(last, `${prefix}${step}`))
    last = `${prefix}${step}`
  }
  then('float', (from, to) => node('Cast', [from], [to], { to: BigInt(FLOAT) }))
  if (spec.input.colour === 'bgr') {
    then('bgr', (from, to) => node('Gather', [from, `${prefix}channels`], [to], { axis: 3n }))
  }
  then('centred', (from, to) => node('Sub', [from, `${prefix}mean`], [to]))
  then('scaled', (from, to) => node('Div', [from, `${prefix}std`], [to]))
  if (spec.input.layout === 'NCHW') {
    then('planar', (from, to) => node('Transpose', [from], [to], { perm: [0n, 3n, 1n, 2n] }))
  }
  layers.push(node('Cast', [last], [spec.input.name], { to: BigInt(input.elemType) }))
  return layers
}

function layersAfter(
  prefix: string,
  outputName: string,
  { output }: ServingSpec,
  rank: number | null,
): NodeProto[] {
  const embedding = `${prefix}embedding`
  const layers = [node('Cast', [output.name], [embedding], { to: BigInt(FLOAT) })]
  let last = embedding
  const then = (
    opType: string,
    to: string,
    attributes: Parameters<typeof node>[3],
    ...more: string[]
  ) => {
    layers.push(node(opType, [last, ...more], [to], attributes))
    last = to
  }
  if (output.pooling === 'class-token') {
    then('Gather', `${prefix}first token`, { axis: 1n }, `${prefix}class token`)
  } else if (output.pooling === 'mean') {
    // Unlike ReduceMean, whose axes became an input, it is the same in every operator set.
    if (rank === 3) then('Transpose', `${prefix}channels first`, { perm: [0n, 2n, 1n] })
    then('GlobalAveragePool', `${prefix}mean of places`, {})
  }
  const unit = output.normalise === 'l2'
  // Of a [batch, C] tensor Flatten changes nothing, so it serves also where the rank is unsaid.
  then('Flatten', unit ? `${prefix}flat` : outputName, { axis: 1n })
  // Harmless where the graph normalises already: a unit vector stays as it is.
  if (unit) then('LpNormalization', outputName, { axis: 1n, p: 2n })
  return layers
}

function checkServable(model: OnnxModel): void {
  const opset = standardOpset(model)
  if (opset < OLDEST_OPSET) {
    throw invalid(`expected operator set ${OLDEST_OPSET} or later, got ${opset}`)
  }
  const outside = model.graph.initializer.find(
    ({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL,
  )
  if (outside !== undefined) {
    throw invalid(
      `expected all weights inside the ONNX file, but ${shown(outside.name)} lies in another file`,
    )
  }
}

function checkInput(graph: GraphProto, spec: ServingSpec): DeclaredTensor {
  const { name, layout, width, height } = spec.input
  // Before IR version 4 initialisers are listed as inputs too.
  const initialised = new Set(graph.initializer.map((tensor) => tensor.name))
  const inputs = graph.input.filter((info) => !initialised.has(info.name))
  const found = inputs.find((info) => info.name === name)
  if (found === undefined || inputs.length > 1) {
    throw invalid(`expected ${shown(name)} as the only input of the graph, got ${names(inputs)}`)
  }
  const tensor = floatingTensor(found, 'input')
  if (tensor.dims === null) return tensor
  const wanted = layout === 'NCHW' ? [null, 3, height, width] : [null, height, width, 3]
  const fits =
    tensor.dims.length === 4 &&
    tensor.dims.every((size, i) => size === null || wanted[i] === null || size === wanted[i])
  if (!fits) {
    throw invalid(
      `expected input ${shown(name)} of shape ${shownDims(wanted)} (${layout}), got ${shownDims(tensor.dims)}`,
    )
  }
  const batch = tensor.dims[0] ?? null
  if (batch !== null && batch > 1) {
    throw invalid(`expected a graph for any batch, or for a batch of one, got one for ${batch}`)
  }
  return tensor
}

/** @returns the rank of the output; null where the graph does not say it. */
function checkOutput(graph: GraphProto, { output }: ServingSpec): number | null {
  const { name, dimensions, pooling } = output
  const found = graph.output.find((info) => info.name === name)
  if (found === undefined) {
    throw invalid(`expected an output ${shown(name)} of the graph, got ${names(graph.output)}`)
  }
  const { dims } = floatingTensor(found, 'output')
  const rank = dims?.length ?? null
  const forms = OUTPUT_FORMS[pooling ?? 'none']
  if (rank === null && pooling === 'mean') {
    throw invalid(`expected the shape of output ${shown(name)} to be said, to take its mean`)
  }
  const fits = dims === null || forms.some((form) => fitsForm(dims, form, dimensions))
  if (fits) return rank
  const wanted = forms.map((form) => `[batch, ${form.replace('C', String(dimensions))}]`)
  const pooled = pooling === undefined ? '' : `, for pooling ${pooling}`
  throw invalid(
    `expected output ${shown(name)} of shape ${wanted.join(' or ')}${pooled}, got ${shownDims(dims)}`,
  )
}

/** What follows the batch: C is the dimensions, a word any number. */
const OUTPUT_FORMS = {
  none: ['C', 'C, 1, 1'],
  'class-token': ['tokens, C'],
  mean: ['tokens, C', 'C, height, width'],
} as const

function fitsForm(dims: readonly (number | null)[], form: string, dimensions: number): boolean {
  const wanted = form.split(', ')
  return (
    dims.length === wanted.length + 1 &&
    wanted.every((word, i) => {
      const size = dims[i + 1] ?? null
      if (size === null) return true
      if (word === 'C') return size === dimensions
      return word !== '1' || size === 1
    })
  )
}

function floatingTensor(info: GraphProto['input'][number], role: string): DeclaredTensor {
  const tensor = declaredTensor(info)
  if (tensor === null || (tensor.elemType !== FLOAT && tensor.elemType !== FLOAT16)) {
    const got = tensor === null ? 'no tensor' : (TensorProto_DataType[tensor.elemType] ?? '?')
    throw invalid(`expected ${role} ${shown(info.name)} of FLOAT or FLOAT16, got ${got}`)
  }
  return tensor
}

function names(infos: readonly { readonly name: string }[]): string {
  return infos.length === 0 ? 'none' : shown(infos.map(({ name }) => name).join(', '), 200)
}

function invalid(message: string): AppError {
  return new AppError('MODEL_INVALID', message)
}
