import { readImageFile } from '../../adapters/image-files.ts'
import { openOnnxEmbedder } from '../../adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../adapters/sharp-image-decoder.ts'
import type { Config } from '../../config/config.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { AppError } from '../../errors.ts'
import type { ImageDecoder } from '../../image/image-decoder.ts'
import { distanceFromSquared } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'

export interface ModelCheck {
  readonly model: string
  readonly provider: string
  readonly dimensions: number
  readonly images: readonly string[]
  /** Of the vectors as the model gives them. */
  readonly lengths: { readonly least: number; readonly most: number }
  /** The largest cosine distance between an image's vector alone and in a batch of two. */
  readonly batchDifference: number
  /** Cosine distances of all pairs of images, nearest first. */
  readonly distances: readonly {
    readonly a: string
    readonly b: string
    readonly distance: number
  }[]
  /** Medians an image. */
  readonly milliseconds: {
    readonly decode: number
    readonly alone: number
    readonly inPairs: number
  }
  /** Empty for a model that is sound. */
  readonly faults: readonly string[]
}

type Settings = Pick<Config, 'modelsFolder' | 'provider' | 'maxPixels' | 'maxBodyBytes'>

/** About what 16-bit floats and other kernels for other batches make of a unit vector. */
const MOST_BATCH_DIFFERENCE = 1e-4
const MOST_LENGTH_ERROR = 1e-3
/** Nearer than this the most unlike of several pictures are one to the model. */
const LEAST_SPREAD = 1e-6

/**
 * Embeds images one by one and two at a time, as the service would.
 * @param paths of at least two images.
 * @throws what opening a model throws; of an image, what reading, decoding and embedding it throw.
 */
export async function checkModel(
  folder: string,
  paths: readonly string[],
  settings: Settings,
): Promise<ModelCheck> {
  const embedder = await openOnnxEmbedder({
    folder,
    provider: settings.provider,
    // Two that are asked for at once are one batch.
    maxBatch: 2,
  })
  const decoder = createSharpImageDecoder({ maxPixels: settings.maxPixels })
  try {
    const decoded: Timed<Uint8Array>[] = []
    for (const path of paths) {
      decoded.push(
        await named(path, () => timed(() => pixelsOf(path, embedder, decoder, settings))),
      )
    }
    const pixels = decoded.map(({ value }) => value)
    const alone: Timed<Float32Array>[] = []
    for (const [i, image] of pixels.entries()) {
      alone.push(await named(paths[i]!, () => timed(() => embedder.embed(image))))
    }
    const pairs: Timed<readonly Float32Array[]>[] = []
    for (const first of pixels.keys()) {
      const both = [pixels[first]!, pixels[(first + 1) % pixels.length]!]
      pairs.push(await timed(() => Promise.all(both.map((image) => embedder.embed(image)))))
    }
    const unit = (vector: Float32Array) => toStoredVector(vector, embedder.dimensions, 'cosine')
    const vectors = alone.map(({ value }) => unit(value))
    const inPairs = pairs.map(({ value }) => unit(value[0]!))
    const lengths = alone.map(({ value }) => Math.hypot(...value))
    const check = {
      ...{ model: embedder.model, provider: embedder.provider.name },
      ...{ dimensions: embedder.dimensions, images: paths },
      lengths: { least: Math.min(...lengths), most: Math.max(...lengths) },
      batchDifference: Math.max(...vectors.map((vector, i) => distance(vector, inPairs[i]!))),
      distances: distancesOf(paths, vectors),
      milliseconds: {
        decode: median(decoded.map(({ ms }) => ms)),
        alone: median(alone.map(({ ms }) => ms)),
        inPairs: median(pairs.map(({ ms }) => ms / 2)),
      },
    }
    return { ...check, faults: faultsOf(check) }
  } finally {
    await decoder.close()
    await embedder.close()
  }
}

function faultsOf({ lengths, batchDifference, distances }: Omit<ModelCheck, 'faults'>): string[] {
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
  const farthest = distances.at(-1)
  if (farthest !== undefined && farthest.distance < LEAST_SPREAD) {
    faults.push(
      'expected different vectors of different images, got the same for all: look at the preprocessing and the output',
    )
  }
  return faults
}

async function pixelsOf(
  path: string,
  { preprocess }: Embedder,
  decoder: ImageDecoder,
  { maxBodyBytes }: Settings,
): Promise<Uint8Array> {
  const bytes = await readImageFile(path, maxBodyBytes)
  return (await decoder.decode(bytes, preprocess)).pixels
}

/** What goes wrong with one image says its name. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError(cause.code, `${path}: ${cause.message}`, { cause })
  }
}

interface Timed<T> {
  readonly value: T
  readonly ms: number
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const started = performance.now()
  const value = await work()
  return { value, ms: performance.now() - started }
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
