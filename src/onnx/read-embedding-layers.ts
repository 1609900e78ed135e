import { type TensorProto, TensorProto_DataType } from 'onnx-buf'
import type { EmbeddingLayers } from './embedding-layers.ts'
import { readOnnx } from './read.ts'

type Layers = NonNullable<EmbeddingLayers['layers']>

/** What `addEmbeddingLayers` has put behind a model's output. */
export interface FoundLayers extends Pick<EmbeddingLayers, 'layers' | 'share' | 'metadata'> {
  /** Numbers of its vectors. */
  readonly dimensions: number
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
  const dims = output!.type?.value.case === 'tensorType' ? output!.type.value.value.shape?.dim : []
  const last = dims?.at(-1)?.value
  const found = {
    dimensions: last?.case === 'dimValue' ? Number(last.value) : 0,
    metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  }
  if (kind === 'features') return { ...found, layers: null, share: 1 }
  const mapped = affineOf(tensor('mapped weight'), tensor('mapped bias'))
  if (mapped === null) return null
  const layers: Layers = {
    hidden: affineOf(tensor('hidden weight'), tensor('hidden bias')),
    last: mapped,
    slices: slicesOf(tensor('sliced shape')),
  }
  const ofHead = tensor('of head')
  if (kind === 'head') return { ...found, layers, share: 1 }
  return ofHead === undefined ? null : { ...found, layers, share: floats(ofHead)[0]! ** 2 }
}

function affineOf(weight?: TensorProto, bias?: TensorProto): Layers['last'] | null {
  if (weight === undefined || bias === undefined) return null
  const [inputs = 0, outputs = 0] = weight.dims.map(Number)
  const values = { weight: floats(weight), bias: floats(bias) }
  const fits = values.weight.length === inputs * outputs && values.bias.length === outputs
  return fits ? { inputs, outputs, ...values } : null
}

function slicesOf(shape?: TensorProto): number {
  if (shape === undefined) return 1
  return Number(viewOf(shape).getBigInt64(8, true))
}

function floats(tensor: TensorProto): Float32Array {
  if (tensor.dataType !== TensorProto_DataType.FLOAT) return new Float32Array()
  const view = viewOf(tensor)
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true))
}

function viewOf({ rawData }: TensorProto): DataView {
  return new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
}
