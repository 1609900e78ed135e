import { readImageFile } from '../../adapters/image-files.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { distanceFromSquared } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'

export type ModelCheck = Awaited<ReturnType<typeof checkModel>>

/** About what 16-bit floats and other kernels for other batches make of a unit vector. */
const MOST_BATCH_DIFFERENCE = 1e-4
const MOST_LENGTH_ERROR = 1e-3
/** Nearer than this the two most different of several images are one to the model. */
const LEAST_SPREAD = 1e-6

/**
 * Embeds images one by one and two at a time, as the service would.
 * @param paths at least two images.
 * @throws what opening a model throws; what reading, decoding and embedding an image throw, with its path.
 */
export async function checkModel(
  folder: string,
  paths: readonly string[],
  { provider, maxPixels, maxBodyBytes }: Pick<Config, 'provider' | 'maxPixels' | 'maxBodyBytes'>,
) {
  // Two that are wanted at once are one batch.
  const embedder = await openOnnxEmbedder({ folder, provider, maxBatch: 2 })
  const decoder = createSharpImageDecoder({ maxPixels })
  const pixelsOf = async (path: string) => {
    const bytes = await readImageFile(path, maxBodyBytes)
    return (await decoder.decode(bytes, embedder.preprocess)).pixels
  }
  const embed = (image: Uint8Array) => embedder.embed(image)
  const unit = (vector: Float32Array) => toStoredVector(vector, embedder.dimensions, 'cosine')
  try {
    const decoded = await timed(paths, (i) => pixelsOf(paths[i]!))
    const pixels = decoded.values
    const alone = await timed(paths, (i) => embed(pixels[i]!))
    const inPairs = await timed(paths, async (i) => {
      const pair = [pixels[i]!, pixels[(i + 1) % pixels.length]!]
      return (await Promise.all(pair.map(embed)))[0]!
    })
    const vectors = alone.values.map(unit)
    const paired = inPairs.values.map(unit)
    const norms = alone.values.map((vector) => Math.hypot(...vector))
    const lengths = { least: Math.min(...norms), most: Math.max(...norms) }
    const batchDifference = Math.max(...vectors.map((vector, i) => distance(vector, paired[i]!)))
    const distances = distancesOf(paths, vectors)
    return {
      model: embedder.model,
      provider: embedder.provider.name,
      dimensions: embedder.dimensions,
      images: paths,
      /** Lengths of the vectors as the model gives them. */
      lengths,
      /** The largest cosine distance between an image's vector alone and in a batch of two. */
      batchDifference,
      /** Cosine distances of all pairs of images, nearest first. */
      distances,
      /** Medians for one image. */
      milliseconds: {
        decode: decoded.medianMs,
        alone: alone.medianMs,
        inPairs: inPairs.medianMs / 2,
      },
      /** Empty for a model that is sound. */
      faults: faultsOf(lengths, batchDifference, distances.at(-1)!.distance),
    }
  } finally {
    await decoder.close()
    await embedder.close()
  }
}

function faultsOf(
  lengths: { readonly least: number; readonly most: number },
  batchDifference: number,
  farthest: number,
): string[] {
  const faults: string[] = []
  if (batchDifference > MOST_BATCH_DIFFERENCE) {
    faults.push(
      `expected the same vector alone and in a batch of two, got a distance of ${batchDifference.toExponential(1)}: quantisation that looks at the whole batch does that`,
    )
  }
  const isUnit = Math.abs(lengths.least - 1) < MOST_LENGTH_ERROR
  if (isUnit && Math.abs(lengths.most - 1) > MOST_LENGTH_ERROR) {
    faults.push(`expected vectors of one length, got ${lengths.least} to ${lengths.most}`)
  }
  if (farthest < LEAST_SPREAD) {
    faults.push(
      'expected different vectors of different images, got the same for all: look at the preprocessing and the output',
    )
  }
  return faults
}

/** Works on one image after the other, and measures it. What goes wrong with an image is thrown with its path. */
async function timed<T>(paths: readonly string[], work: (i: number) => Promise<T>) {
  const values: T[] = []
  const times: number[] = []
  for (const [i, path] of paths.entries()) {
    const started = performance.now()
    try {
      values.push(await work(i))
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause
      throw new AppError(cause.code, `${path}: ${cause.message}`, { cause })
    }
    times.push(performance.now() - started)
  }
  return { values, medianMs: median(times) }
}

function distancesOf(paths: readonly string[], vectors: readonly Float32Array[]) {
  const pairs = vectors.flatMap((vector, i) =>
    vectors.slice(i + 1).map((other, j) => ({
      a: paths[i]!,
      b: paths[i + 1 + j]!,
      distance: distance(vector, other),
    })),
  )
  return pairs.sort((one, other) => one.distance - other.distance)
}

function distance(a: Float32Array, b: Float32Array): number {
  return distanceFromSquared('cosine', squaredEuclidean(a, b))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
