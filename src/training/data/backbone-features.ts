import { realpath } from 'node:fs/promises'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import { AppError } from '../../errors.ts'
import { sha256Of } from '../../files/sha256.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { packRows } from '../../vector/row-matrix.ts'
import type { TrainingConfig } from '../context.ts'
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
 * file, where it has them; the cache then holds these files and no others. What is embedded is in
 * the cache at once, also when the embedding is interrupted.
 * @returns the images in the order given, the refused ones left out, with a unit vector for each;
 * `known` of them were in the cache; `damaged` is what of the cache could not be used, or null.
 * @throws what embedEach throws, CANCELLED, DATA_FOLDER_UNUSABLE.
 */
export async function backboneFeatures<Image extends ImageFile>(
  place: string,
  images: readonly Image[],
  bundle: ModelBundle,
  config: TrainingConfig,
  options: FeatureOptions,
) {
  const { dimensions } = bundle.output
  const model = `${bundle.sha256} ${JSON.stringify([bundle.input, bundle.output])}`
  const file = featureCacheFile(config.dataFolder, model, await realpath(place))
  options.onFeatureFile?.(file)
  const { hashes, refused: unread } = await hashFiles(images, options)
  const cache = await openFeatureCache(file, dimensions, new Set(hashes.values()))
  try {
    const vectorOf = ({ id }: Image) => cache.get(hashes.get(id) ?? '')
    const isKnown = (image: Image) => vectorOf(image) !== undefined
    const known = images.filter(isKnown).length
    const missing = images.filter((image) => hashes.has(image.id) && !isKnown(image))
    const add = ({ id }: Image, vector: Float32Array) => cache.add(hashes.get(id)!, vector)
    // A model takes seconds to open.
    const unembedded = missing.length > 0 ? await embedEach(missing, config, options, add) : []
    const done = images.filter(isKnown)
    const vectors = done.map((image) => vectorOf(image)!)
    const features = packRows(vectors, dimensions)
    const refused = [...unread, ...unembedded]
    return { images: done, features, refused, known, damaged: cache.damaged }
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
