import { type GraphProto, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf'
import { AppError, shown } from '../errors.ts'
import { type OnnxModel, standardOpset } from './model-file.ts'
import { type DeclaredTensor, declaredTensor, inputsOf } from './parts.ts'

/** The facts that the serving layers need to know of a model. */
export interface ServingSpec {
  readonly input: {
    readonly name: string
    readonly layout: 'NCHW' | 'NHWC'
    readonly width: number
    readonly height: number
    /** The order of the channels that the graph wants. */
    readonly colour: 'rgb' | 'bgr'
    /** The mean of 8-bit values (0 to 255), a number a channel, in the order of `colour`; `std` too. */
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

/** Broadcasting of Sub and Div as we write them came with this version. */
const OLDEST_OPSET = 7
const { FLOAT, FLOAT16 } = TensorProto_DataType

/**
 * Checks that a graph can be served.
 * @returns `batch`: 1 for a graph with a fixed batch of one, null for any batch; `inputType`: FLOAT or
 * FLOAT16; `outputRank`: null where the graph does not have it.
 * @throws MODEL_INVALID where model and `spec` disagree.
 */
export function checkServable(model: OnnxModel, spec: ServingSpec) {
  const opset = standardOpset(model)
  if (opset < OLDEST_OPSET) {
    throw invalid(`expected operator set ${OLDEST_OPSET} or later, got ${opset}`)
  }
  const outside = model.graph.initializer.find(
    ({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL,
  )
  if (outside !== undefined) {
    const got = `but ${shown(outside.name)} lies in another file`
    throw invalid(`expected all weights inside the ONNX file, ${got}`)
  }
  const { elemType, dims } = checkInput(model.graph, spec)
  const batch = dims?.[0] === 1 ? 1 : null
  return { batch, inputType: elemType, outputRank: checkOutput(model.graph, spec) }
}

function checkInput(graph: GraphProto, spec: ServingSpec): DeclaredTensor {
  const { name, layout, width, height } = spec.input
  const inputs = inputsOf(graph)
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
    const shape = `shape ${shownDims(wanted)} (${layout})`
    throw invalid(`expected input ${shown(name)} of ${shape}, got ${shownDims(tensor.dims)}`)
  }
  const batch = tensor.dims[0] ?? null
  if (batch !== null && batch > 1) {
    throw invalid(`expected a graph for any batch, or for a batch of one, got one for ${batch}`)
  }
  return tensor
}

/** @returns the rank of the output; null where the graph does not have it. */
function checkOutput(graph: GraphProto, { output }: ServingSpec): number | null {
  const { name, dimensions, pooling } = output
  const found = graph.output.find((info) => info.name === name)
  if (found === undefined) {
    throw invalid(`expected an output ${shown(name)} of the graph, got ${names(graph.output)}`)
  }
  const { dims } = floatingTensor(found, 'output')
  const rank = dims?.length ?? null
  const forms = OUTPUT_FORMS[pooling ?? 'none'].map((form) => form.replace('C', `${dimensions}`))
  if (rank === null && pooling === 'mean') {
    throw invalid(`expected the shape of output ${shown(name)} to be said, to take its mean`)
  }
  if (dims === null || forms.some((form) => fitsForm(dims, form))) return rank
  const wanted = forms.map((form) => `[batch, ${form}]`).join(' or ')
  const pooled = pooling === undefined ? '' : `, for pooling ${pooling}`
  const got = shownDims(dims)
  throw invalid(`expected output ${shown(name)} of shape ${wanted}${pooled}, got ${got}`)
}

/** The dimensions after the batch: C is the embedding's, a word any number. */
const OUTPUT_FORMS = {
  none: ['C', 'C, 1, 1'],
  'class-token': ['tokens, C'],
  mean: ['tokens, C', 'C, height, width'],
} as const

function fitsForm([, ...sizes]: readonly (number | null)[], form: string): boolean {
  const wanted = form.split(', ').map(Number)
  const fits = (size: number | null, i: number) =>
    size === null || Number.isNaN(wanted[i]) || size === wanted[i]
  return sizes.length === wanted.length && sizes.every(fits)
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

/** Shows dimensions in messages: `[?, 3, 224, 224]`. */
function shownDims(dims: DeclaredTensor['dims']): string {
  return dims === null ? 'unknown shape' : `[${dims.map((size) => size ?? '?').join(', ')}]`
}
