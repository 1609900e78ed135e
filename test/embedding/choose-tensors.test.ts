import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseInput, chooseOutput } from '../../src/embedding/choose-tensors.ts'
import { NO_MODEL_CONFIG, readModelConfig } from '../../src/embedding/model-config.ts'
import type { DeclaredValue, GraphFacts } from '../../src/onnx/graph-facts.ts'
import { failsWith } from '../support/errors.ts'

function graph(
  outputs: Readonly<Record<string, DeclaredValue['dims']>>,
  inputs: Readonly<Record<string, DeclaredValue['dims']>> = { pixel_values: [null, 3, 8, 4] },
): GraphFacts {
  const values = (dims: typeof outputs) =>
    Object.entries(dims).map(([name, size]) => ({ name, type: 'FLOAT', dims: size }))
  return {
    opset: 17,
    producer: '',
    nodes: 1,
    parameters: 0,
    externalFiles: [],
    inputs: values(inputs),
    outputs: values(outputs),
  }
}

const ofType = (modelType: string) => ({ ...NO_MODEL_CONFIG, modelType })

test('layout and sides are read from the shape of the input', () => {
  const chosen = [
    [null, 3, 256, 128],
    [1, 256, 128, 3],
    [null, null, null, null],
  ].map((dims) => chooseInput(graph({}, { x: dims })))
  assert.deepEqual(chosen, [
    { name: 'x', layout: 'NCHW', height: 256, width: 128 },
    { name: 'x', layout: 'NHWC', height: 256, width: 128 },
    { name: 'x', layout: 'NCHW', height: null, width: null },
  ])
})

test('a graph of texts and images, or of something else, is refused with its inputs', () => {
  const two = { input_ids: [null, null], pixel_values: [null, 3, 8, 8] }
  assert.throws(
    () => chooseInput(graph({}, two)),
    failsWith('MODEL_INVALID', 'input_ids [?, ?], pixel_values', 'vision part'),
  )
  for (const dims of [
    [null, 1, 8, 8],
    [null, 80, 3000],
  ]) {
    assert.throws(() => chooseInput(graph({}, { x: dims })), failsWith('MODEL_INVALID', 'x [?'))
  }
})

// By the rule in docs/models.md, worked out by hand.
const CHOSEN: readonly [
  what: string,
  outputs: Readonly<Record<string, DeclaredValue['dims']>>,
  type: string,
  wanted: Readonly<Record<string, unknown>>,
][] = [
  [
    'image_embeds come before all others',
    { last_hidden_state: [null, 50, 768], pooler_output: [null, 768], image_embeds: [null, 512] },
    'clip',
    { name: 'image_embeds', dimensions: 512 },
  ],
  [
    'pooler_output comes before tokens',
    { last_hidden_state: [null, 196, 768], pooler_output: [null, 768] },
    'siglip_vision_model',
    { name: 'pooler_output', dimensions: 768 },
  ],
  [
    'tokens of DINOv2 are pooled by class token',
    { last_hidden_state: [null, null, 384] },
    'dinov2',
    { name: 'last_hidden_state', dimensions: 384, pooling: 'class-token' },
  ],
  [
    'tokens of Swin are pooled by mean',
    { last_hidden_state: [null, 49, 768] },
    'swin',
    { name: 'last_hidden_state', dimensions: 768, pooling: 'mean' },
  ],
  [
    'feature maps are pooled by mean',
    { last_hidden_state: [null, 1280, 7, 7] },
    'mobilenet_v2',
    { name: 'last_hidden_state', dimensions: 1280, pooling: 'mean' },
  ],
  [
    'maps of one place are vectors',
    { pooler_output: [null, 2048, 1, 1] },
    'resnet',
    { name: 'pooler_output', dimensions: 2048 },
  ],
  [
    'one output of any name is the embedding',
    { features: [null, 512] },
    '',
    { name: 'features', dimensions: 512 },
  ],
]

for (const [what, outputs, type, wanted] of CHOSEN) {
  test(what, () => {
    assert.deepEqual(chooseOutput(graph(outputs), {}, ofType(type)), wanted)
  })
}

test('what is requested wins', () => {
  const outputs = graph({ logits: [null, 1000], last_hidden_state: [null, 197, 768] })
  const config = ofType('vit')
  assert.deepEqual(chooseOutput(outputs, { output: 'logits' }, config), {
    name: 'logits',
    dimensions: 1000,
  })
  assert.equal(chooseOutput(outputs, { pooling: 'mean' }, config).pooling, 'mean')
})

test('dimensions that the graph leaves open are those of config.json', () => {
  const config = readModelConfig(
    '{"model_type":"clip","projection_dim":512,"vision_config":{"hidden_size":768},"hidden_size":1}',
    'config.json',
  )
  const embeds = graph({ image_embeds: [null, null] })
  const tokens = graph({ last_hidden_state: [null, null, null] })
  assert.equal(chooseOutput(embeds, {}, config).dimensions, 512)
  assert.equal(chooseOutput(tokens, {}, config).dimensions, 768)
  assert.equal(chooseOutput(tokens, { dimensions: 64 }, config).dimensions, 64)
})

const REFUSED: readonly [
  string,
  Readonly<Record<string, DeclaredValue['dims']>>,
  object,
  string,
][] = [
  ['class scores alone', { logits: [null, 1000] }, {}, 'logits [?, 1000]'],
  ['several outputs of other names', { a: [null, 2], b: [null, 2] }, {}, 'a [?, 2], b [?, 2]'],
  ['tokens of an unknown type', { last_hidden_state: [null, 9, 8] }, {}, '--pooling'],
  ['open dimensions', { features: [null, null] }, {}, '--dimensions'],
  ['an output of unknown rank', { features: null }, {}, '--dimensions'],
  ['a request for what is not there', { features: [null, 2] }, { output: 'x' }, 'features [?, 2]'],
]

for (const [what, outputs, overrides, words] of REFUSED) {
  test(`${what}: refused with what to say`, () => {
    assert.throws(
      () => chooseOutput(graph(outputs), overrides, NO_MODEL_CONFIG),
      failsWith('MODEL_INVALID', words),
    )
  })
}
