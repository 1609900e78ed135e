import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import sharp from 'sharp'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { readPreprocessorConfig } from '../../src/embedding/preprocessor-config.ts'
import { AppError } from '../../src/errors.ts'
import { failsWith } from '../support/errors.ts'

interface Case {
  readonly width: number
  readonly height: number
  readonly config: Readonly<Record<string, unknown>>
  readonly shape: readonly [number, number, number]
  readonly values: readonly number[]
}

const cases = JSON.parse(readFileSync('test/fixtures/transformers-pixels.json', 'utf8')) as Case[]
const decoder = createSharpImageDecoder()

/** As make-transformers-pixels.py makes it. */
async function picture(width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const x = i % width
    const y = Math.floor(i / width)
    pixels[i * 3] = Math.round(127.5 + 127.5 * Math.sin(x / 30))
    pixels[i * 3 + 1] = Math.round(127.5 + 127.5 * Math.cos(y / 24))
    pixels[i * 3 + 2] = Math.floor((2 * x + 3 * y) / 6)
  }
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

for (const { width, height, config, shape, values } of cases) {
  test(`${config.image_processor_type} of ${width} x ${height} gives the values of transformers`, async () => {
    const spec = readPreprocessorConfig(JSON.stringify(config), 'config')
    assert.deepEqual([3, spec.height, spec.width], shape)
    const { pixels } = await decoder.decode(await picture(width, height), spec)
    let at = 0
    for (let channel = 0; channel < 3; channel++) {
      const { [channel]: mean = 0 } = spec.mean
      const { [channel]: std = 1 } = spec.std
      for (let y = 0; y < spec.height; y += 12) {
        for (let x = 0; x < spec.width; x += 12) {
          // Back to 8 bits, where both round.
          const wanted = values[at++]! * std + mean
          const got = pixels[(y * spec.width + x) * 3 + channel]!
          const place = `channel ${channel} at ${x}, ${y}`
          assert.ok(Math.abs(got - wanted) < 3, `${place}: expected ${wanted}, got ${got}`)
        }
      }
    }
    assert.equal(at, values.length)
  })
}

const read = (config: object) => readPreprocessorConfig(JSON.stringify(config), 'the file')
const CLIP = { image_processor_type: 'CLIPImageProcessor' }

test('what a file leaves out, or sets to null, is what the class does', () => {
  const { mean, std, ...rest } = read({
    feature_extractor_type: 'CLIPFeatureExtractor',
    size: null,
  })
  assert.deepEqual(rest, {
    width: 224,
    height: 224,
    resize: 'shortest-edge',
    cropFraction: 1,
    colour: 'rgb',
    kernel: 'cubic',
  })
  assert.deepEqual(
    [...mean, ...std].map((value) => Number((value / 255).toFixed(8))),
    [0.48145466, 0.4578275, 0.40821073, 0.26862954, 0.26130258, 0.27577711],
  )
})

// Size, crop and resize of each class by its rules, worked out by hand.
const GEOMETRIES: readonly [name: string, config: object, wanted: readonly unknown[]][] = [
  ['ViT, a bare size is both sides', { size: 384 }, [384, 384, 'stretch', 1]],
  [
    'CLIP, a bare size is the shorter side',
    { size: 256, crop_size: 224 },
    [224, 224, 'shortest-edge', 0.875],
  ],
  [
    'CLIP of both sides',
    { size: { height: 96, width: 64 }, crop_size: { height: 96, width: 64 } },
    [64, 96, 'stretch', 1],
  ],
  [
    'CLIP of both sides, cut',
    { size: { height: 96, width: 64 }, crop_size: { height: 48, width: 32 } },
    [32, 48, 'stretch', 0.5],
  ],
  ['Siglip', { size: { height: 256, width: 256 } }, [256, 256, 'stretch', 1]],
  [
    'Bit, as DINOv2 has it',
    { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } },
    [224, 224, 'shortest-edge', 0.875],
  ],
  [
    'ConvNext below 384 is cut',
    { size: { shortest_edge: 224 }, crop_pct: 0.95 },
    [224, 224, 'shortest-edge', 224 / 235],
  ],
  [
    'ConvNext without crop_pct',
    { size: { shortest_edge: 288 }, crop_pct: null },
    [288, 288, 'shortest-edge', 288 / 329],
  ],
  [
    'ConvNext from 384 is warped',
    { size: { shortest_edge: 384 }, crop_pct: 0.95 },
    [384, 384, 'stretch', 1],
  ],
  ['MobileNetV1', {}, [224, 224, 'shortest-edge', 0.875]],
  [
    'MobileNetV2',
    { size: { shortest_edge: 256 }, do_reduce_labels: false },
    [224, 224, 'shortest-edge', 0.875],
  ],
  ['EfficientNet cuts nothing', {}, [346, 346, 'stretch', 1]],
  ['EfficientNet cut', { do_center_crop: true }, [289, 289, 'stretch', 289 / 346]],
]

for (const [name, config, wanted] of GEOMETRIES) {
  test(`geometry of ${name}`, () => {
    const type = `${name.split(/[ ,]/)[0]}ImageProcessor`
    const { width, height, resize, cropFraction } = read({ image_processor_type: type, ...config })
    assert.deepEqual([width, height, resize, cropFraction], wanted)
  })
}

test('without rescaling and normalisation the graph gets the bytes', () => {
  const { mean, std } = read({ ...CLIP, do_rescale: false, do_normalize: false })
  assert.deepEqual(
    [mean, std],
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
  )
})

test('one number stands for three channels', () => {
  const { mean, std } = read({ ...CLIP, image_mean: 0.5, image_std: 0.25, rescale_factor: 0.5 })
  assert.deepEqual(
    [mean, std],
    [
      [1, 1, 1],
      [0.5, 0.5, 0.5],
    ],
  )
})

test('all that cannot be followed is refused at once, by name', () => {
  const config = {
    ...CLIP,
    size: { longest_edge: 512 },
    resample: 4,
    do_resize: false,
    image_mean: [0.5],
    image_std: 0,
    do_pad: true,
    pad_size: 3,
    do_flip: false,
    shortest: null,
    rescale_factor: '1/255',
  }
  assert.throws(
    () => read(config),
    (error) => {
      failsWith('PREPROCESSING_UNSUPPORTED', 'the file', 'longest_edge')(error)
      assert.ok(error instanceof AppError)
      assert.deepEqual(error.issues.map(({ path }) => path).sort(), [
        ...['/do_pad', '/do_resize', '/image_mean', '/image_std', '/pad_size', '/resample'],
        ...['/rescale_factor', '/size'],
      ])
      return true
    },
  )
})

const REFUSED: readonly [name: string, text: string, words: readonly string[]][] = [
  ['no JSON', '{', ['JSON']],
  ['a list', '[]', ['an object']],
  ['no class', '{}', ['image_processor_type', 'got none']],
  [
    'a class that is not known',
    '{"image_processor_type":"DonutImageProcessor"}',
    ['"DonutImageProcessor"', 'ConvNext'],
  ],
  [
    'a name of every object',
    '{"image_processor_type":"constructorImageProcessor"}',
    ['/image_processor_type'],
  ],
  [
    'a crop that needs padding',
    JSON.stringify({ ...CLIP, crop_size: 256 }),
    ['/crop_size', 'padded', '256 x 256'],
  ],
  [
    'a shorter side without a crop',
    JSON.stringify({ ...CLIP, do_center_crop: false }),
    ['/size', 'shortest_edge'],
  ],
  [
    'a crop of another class',
    '{"image_processor_type":"ViTImageProcessor","do_center_crop":true}',
    ['/do_center_crop'],
  ],
]

for (const [name, text, words] of REFUSED) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => readPreprocessorConfig(text, 'the file'),
      failsWith('PREPROCESSING_UNSUPPORTED', ...words),
    )
  })
}
