import { realpath } from 'node:fs/promises'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { packRows, type RowMatrix } from '../../vector/row-matrix.ts'
import type { TrainingConfig } from '../context.ts'
import { drawView, VIEW_FORM } from './draw-view.ts'
import { type EmbeddingOptions, embedEach, type ImageFile, type ReadImage } from './embed-files.ts'
import { featureCacheFile, openFeatureCache } from './feature-cache.ts'
import { type RefusedFile, refusalOf } from './refused-file.ts'

interface FeatureOptions extends EmbeddingOptions {
  readonly read: ReadImage
  readonly onFeatureFile?: (file: string) => void
  readonly signal: AbortSignal
}

const FILES_AT_ONCE = 8

/**
 * Gives the features of image files by the configured model, from the cache of `place`, a folder or
 * file, where it has them; the cache then holds these files and no others. Each view has a cache of
 * its own. What is embedded is in the cache at once, also when the embedding is interrupted.
 * @param views of each image, the plain one among them.
 * @returns the images in the order given, the refused ones left out, with a unit vector for each;
 * in `otherViews` those of the views beside the plain one; `known` of the plain ones were in the
 * cache; `damaged` is what of the caches could not be used, or null.
 * @throws what embedEach throws, CANCELLED, DATA_FOLDER_UNUSABLE.
 */
export async function backboneFeatures<Image extends ImageFile>(
  place: string,
  images: readonly Image[],
  views: number,
  bundle: ModelBundle,
  config: TrainingConfig,
  options: FeatureOptions,
) {
  const model = `${bundle.sha256} ${JSON.stringify([bundle.input, bundle.output])}`
  const real = await realpath(place)
  const { hashes, refused: unread } = await hashFiles(images, options)
  const read = images.filter(({ id }) => hashes.has(id))
  const hashOf = ({ id }: ImageFile) => hashes.get(id)!
  const cacheOf = (name: string): ViewCache => {
    const file = featureCacheFile(config.dataFolder, name, real)
    options.onFeatureFile?.(file)
    return { file, dimensions: bundle.output.dimensions, hashOf }
  }
  const plain = await viewFeatures(cacheOf(model), read, config, options)
  const done = read.filter((image) => plain.vectors.has(hashOf(image)))
  const rowsOf = (vectors: ReadonlyMap<string, Float32Array>) => {
    // What can be embedded can, but for a view of nothing, in all views.
    const rows = done.map((image) => {
      return vectors.get(hashOf(image)) ?? plain.vectors.get(hashOf(image))!
    })
    return packRows(rows, bundle.output.dimensions)
  }
  const otherViews: RowMatrix[] = []
  const damages = [plain.damaged]
  for (let number = 1; number < views; number++) {
    const cache = cacheOf(`${model} view ${number} of form ${VIEW_FORM}`)
    const viewOf = (id: string) => drawView(hashes.get(id)!, number)
    const { vectors, damaged } = await viewFeatures(cache, done, config, { ...options, viewOf })
    otherViews.push(rowsOf(vectors))
    damages.push(damaged)
  }
  return {
    images: done,
    features: rowsOf(plain.vectors),
    otherViews,
    refused: [...unread, ...plain.refused],
    known: plain.known,
    damaged: damages.find((damaged) => damaged !== null) ?? null,
  }
}

interface ViewCache {
  readonly file: string
  readonly dimensions: number
  readonly hashOf: (image: ImageFile) => string
}

/** Gives the vectors of one view by the hashes of the files, embedding those that the cache lacks. */
async function viewFeatures<Image extends ImageFile>(
  { file, dimensions, hashOf }: ViewCache,
  images: readonly Image[],
  config: TrainingConfig,
  options: EmbeddingOptions,
) {
  const cache = await openFeatureCache(file, dimensions, new Set(images.map(hashOf)))
  try {
    const missing = images.filter((image) => cache.get(hashOf(image)) === undefined)
    const add = (image: Image, vector: Float32Array) => cache.add(hashOf(image), vector)
    // A model takes seconds to open.
    const refused = missing.length > 0 ? await embedEach(missing, config, options, add) : []
    const vectors = new Map<string, Float32Array>()
    for (const image of images) {
      const vector = cache.get(hashOf(image))
      if (vector !== undefined) vectors.set(hashOf(image), vector)
    }
    return { vectors, refused, known: images.length - missing.length, damaged: cache.damaged }
  } finally {
    await cache.close()
  }
}

/** Hashes files, by id: two of one content are one entry of the cache. */
async function hashFiles(images: readonly ImageFile[], { read, signal }: FeatureOptions) {
  const hashes = new Map<string, string>()
  const refused: RefusedFile[] = []
  await mapBounded(images, FILES_AT_ONCE, async ({ id, path }) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'stopped while the images were read')
    try {
      hashes.set(id, sha256Of(await read(path)))
    } catch (error) {
      refused.push(refusalOf(id, error))
    }
  })
  return { hashes, refused }
}
