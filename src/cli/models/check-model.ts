import { readImageFile } from '../../adapters/image-files.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { distanceFromSquared } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'

export type ModelCheck = Awaited<ReturnType<typeof checkModel>>

/** About as far as 16-bit floats, and other kernels for other batches, move a unit vector. */
const MOST_BATCH_DIFFERENCE = 1e-4
const MOST_LENGTH_ERROR = 1e-3
/** The model cannot tell images apart whose two most different are nearer than this. */
const LEAST_SPREAD = 1e-6

/** Embeds two or more images, alone and in pairs. @throws as opening a model, and as embedding an image, with its path. */
export async function checkModel(
  folder: string,
  paths: readonly string[],
  { provider, maxPixels, maxBodyBytes }: Pick<Config, 'provider' | 'maxPixels' | 'maxBodyBytes'>,
) {
  // Two that are embedded at once are one batch.
  const embedder = await openOnnxEmbedder({ folder, provider, maxBatch: 2 })
  const decoder = createSharpImageDecoder({ maxPixels })
  const { model, provider: runsOn, dimensions, preprocess } = embedder
  const embed = (image: Uint8Array) => embedder.embed(image)
  const unit = (vector: Float32Array) => toStoredVector(vector, dimensions, 'cosine')
  try {
    const decoded = await timed(paths, async (i) => {
      const bytes = await readImageFile(paths[i]!, maxBodyBytes)
      return (await decoder.decode(bytes, preprocess)).pixels
    })
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
      model,
      provider: runsOn.name,
      dimensions,
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
  { least, most }: { readonly least: number; readonly most: number },
  batchDifference: number,
  farthest: number,
): string[] {
  const faults: string[] = []
  if (batchDifference > MOST_BATCH_DIFFERENCE) {
    faults.push(
      `expected the same vector alone and in a batch of two, got a distance of ${batchDifference.toExponential(1)}: quantisation that looks at the whole batch does that`,
    )
  }
  const isUnit = Math.abs(least - 1) < MOST_LENGTH_ERROR
  if (isUnit && Math.abs(most - 1) > MOST_LENGTH_ERROR) {
    faults.push(`expected vectors of one length, got ${least} to ${most}`)
  }
  if (farthest < LEAST_SPREAD) {
    faults.push(
      'expected different vectors of different images, got the same for all: look at the preprocessing and the output',
    )
  }
  return faults
}

/** Works on one image after the other, and measures it. Errors are thrown with the path of their image. */
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
  const sorted = times.sort((a, b) => a - b)
  return { values, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0 }
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
