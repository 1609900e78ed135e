import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openOnnxEmbedder } from '../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { type Random, seededRandom } from '../../src/vector/random.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'

/** The images are decoded at this many times the input's size, for crops that are not in the middle. */
const MARGIN = 1.25
const IMAGE_FILE = /\.(png|jpe?g)$/

interface Options {
  readonly folders: readonly string[]
  readonly model: string
  /** The number of crops of each image. */
  readonly views: number
  /** The file that the embeddings are kept in, since they take minutes to make. */
  readonly cache: string
}

/** Embeds `views` crops of each image, through the product's own decoder and model. */
export async function imageEmbeddings(options: Options): Promise<Float32Array[][]> {
  const { folders, model, views, cache } = options
  const paths = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => IMAGE_FILE.test(path))
      .sort()
      .map((path) => join(folder, path)),
  )
  const embedder = await openOnnxEmbedder({ folder: model, provider: 'cpu' })
  const { preprocess, dimensions } = embedder
  const decoder = createSharpImageDecoder()
  try {
    if (!existsSync(cache)) {
      const random = seededRandom(1)
      const width = Math.round(preprocess.width * MARGIN)
      const height = Math.round(preprocess.height * MARGIN)
      const spec = { ...preprocess, width, height, cropFraction: 1 }
      const found = await mapBounded(paths, 8, async (path) => {
        const { pixels } = await decoder.decode(readFileSync(path), spec)
        const crops = Array.from({ length: views }, () => crop(pixels, spec, preprocess, random))
        return await Promise.all(crops.map((view) => embedder.embed(view)))
      })
      const flat = new Float32Array(paths.length * views * dimensions)
      for (const [i, vector] of found.flat().entries()) flat.set(vector, i * dimensions)
      writeFileSync(cache, flat)
    }
  } finally {
    await decoder.close()
    await embedder.close()
  }
  const bytes = readFileSync(cache)
  const expected = paths.length * views * dimensions * 4
  if (bytes.length !== expected) {
    throw new Error(`expected ${expected} bytes of embeddings in ${cache}, got ${bytes.length}`)
  }
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  return paths.map((_, image) =>
    Array.from({ length: views }, (_, view) => {
      const start = (image * views + view) * dimensions
      return toStoredVector(all.subarray(start, start + dimensions), dimensions, 'cosine')
    }),
  )
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Crops an image at a random place. Half of the crops are mirrored. All are up to a fifth brighter or darker. */
function crop(pixels: Uint8Array, from: Size, to: Size, random: Random): Uint8Array {
  const left = Math.floor(random() * (from.width - to.width + 1))
  const top = Math.floor(random() * (from.height - to.height + 1))
  const mirrored = random() < 0.5
  const brightness = 0.8 + 0.4 * random()
  const view = new Uint8Array(to.width * to.height * 3)
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      const column = left + (mirrored ? to.width - 1 - x : x)
      const source = ((top + y) * from.width + column) * 3
      const target = (y * to.width + x) * 3
      for (let c = 0; c < 3; c++) {
        view[target + c] = Math.min(255, pixels[source + c]! * brightness)
      }
    }
  }
  return view
}

/**
 * Returns all views, and mixtures of two views of the same image until there are `count` vectors. The mixtures are as
 * near to each other as views are, and take no time to embed.
 */
export function withMixtures(
  images: readonly (readonly Float32Array[])[],
  count: number,
  random: Random,
): Float32Array[] {
  const vectors = images.flat()
  while (vectors.length < count) {
    const views = images[vectors.length % images.length]!
    const first = Math.floor(random() * views.length)
    const second = (first + 1 + Math.floor(random() * (views.length - 1))) % views.length
    const [a, b] = [views[first]!, views[second]!]
    const share = random()
    const mixed = a.map((value, i) => share * value + (1 - share) * b[i]!)
    vectors.push(toStoredVector(mixed, mixed.length, 'cosine'))
  }
  return vectors
}
