import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type TensorProto, TensorProto_DataType } from 'onnx-buf'
import { type OnnxModel, readOnnx } from '../../src/onnx/model-file.ts'
import { EIGHT_BIT_MODELS } from '../support/shipped-models.ts'

interface ConvWeights {
  readonly name: string
  /** [output channels, input channels of a group, height, width]. */
  readonly tensor: TensorProto
  readonly isDepthwise: boolean
}

/** Finds the tensors that the convolutions multiply 8-bit numbers with: each is dequantised and then convolved. */
function convWeights({ graph }: OnnxModel): ConvWeights[] {
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  const made = new Map(graph.node.map((one) => [one.output[0]!, one]))
  const convolutions = graph.node.filter(({ opType }) => opType === 'Conv')
  return convolutions.map(({ name, input, attribute }) => {
    const dequantise = made.get(input[1]!)
    assert.equal(dequantise?.opType, 'DequantizeLinear', `${name}: weights of floats`)
    const groups = attribute.find((one) => one.name === 'group')?.i ?? 1n
    return { name, tensor: tensors.get(dequantise.input[0]!)!, isDepthwise: groups > 1n }
  })
}

/** Gives the largest sum of two weights of one sign that may meet in one product of pairs. */
function largestPair({ tensor: { dims, rawData } }: ConvWeights): number {
  const [channels = 0, ...rest] = dims.map(Number)
  const weights = new Int8Array(rawData.buffer, rawData.byteOffset, rawData.byteLength)
  const count = rest.reduce((product, size) => product * size, 1)
  const isPointwise = rest.slice(1).every((size) => size === 1)
  let largest = 0
  for (let channel = 0; channel < channels; channel++) {
    const row = weights.subarray(channel * count, (channel + 1) * count)
    for (const sign of [1, -1]) {
      const of = row.map((weight) => Math.max(0, weight * sign))
      // Only of a pointwise convolution the order of the weights is known: that of the input channels.
      const pairs = isPointwise ? of : of.sort().reverse().subarray(0, 2)
      for (let i = 1; i < pairs.length; i++) {
        largest = Math.max(largest, pairs[i - 1]! + pairs[i]!)
      }
    }
  }
  return largest
}

// x86 without VNNI multiplies pairs of an unsigned and a signed byte and adds both products in 16 bits (vpmaddubsw). What goes
// beyond 16 bits is cut off there, and only there. Depthwise convolutions multiply one weight at a time.
for (const model of EIGHT_BIT_MODELS) {
  test(`no two weights of ${model} that meet can leave 16 bits, so that every processor adds the same`, () => {
    const weights = convWeights(readOnnx(readFileSync(`models/${model}/model.onnx`)))
    for (const { name, tensor } of weights) {
      assert.equal(tensor.dataType, TensorProto_DataType.INT8, name)
    }
    const dense = weights.filter(({ isDepthwise }) => !isDepthwise)
    assert.ok(dense.length > 30 && dense.length < weights.length, `found ${dense.length}`)
    for (const one of dense) {
      const most = 255 * largestPair(one)
      assert.ok(most <= 32_767, `${one.name}: two products come to ${most}`)
    }
  })
}
