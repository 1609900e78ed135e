import { realpath } from 'node:fs/promises'
import { contentHashOf, readImageFile } from '../adapters/image-files.ts'
import { mapBounded } from '../collection/map-bounded.ts'
import type { Config } from '../config.ts'
import type { ModelBundle } from '../embedding/model-bundle.ts'
import { AppError } from '../errors.ts'
import { packRows, type RowMatrix } from '../vector/row-matrix.ts'
import { type EmbeddingOptions, embedWithModel } from './embed-files.ts'
import { featureCacheFile, readFeatures, writeFeatures } from './feature-cache.ts'
import { type RefusedFile, refusalOf } from './refused-file.ts'

interface ImageFile {
  readonly id: string
  readonly path: string
}

export interface BackboneFeatures<Image> {
  /** In the order given, the refused ones left out. */
  readonly images: readonly Image[]
  /** A unit vector for each. */
  readonly features: RowMatrix
  readonly refused: readonly RefusedFile[]
  /** How many were in the cache. */
  readonly known: number
  /** Why the cache could not be used, where there was one. */
  readonly damaged: string | null
}

const FILES_AT_ONCE = 8

/**
 * The features of image files by the configured model, from the cache of `folder` where it has
 * them; the cache then holds these files and no others.
 * @throws what embedWithModel throws, CANCELLED, DATA_FOLDER_UNUSABLE.
 */
export async function backboneFeatures<Image extends ImageFile>(
  folder: string,
  images: readonly Image[],
  bundle: ModelBundle,
  config: Config,
  options: EmbeddingOptions & { readonly signal: AbortSignal },
): Promise<BackboneFeatures<Image>> {
  const { dimensions } = bundle.output
  const model = `${bundle.sha256} ${JSON.stringify([bundle.input, bundle.output])}`
  const file = featureCacheFile(config.dataFolder, model, await realpath(folder))
  const { features: cached, damaged } = await readFeatures(file, dimensions)
  const { hashes, refused: unread } = await hashFiles(images, config.maxBodyBytes, options.signal)
  const missing = images.filter(({ id }) => {
    const hash = hashes.get(id)
    return hash !== undefined && !cached.has(hash)
  })
  const known = [...hashes.values()].filter((hash) => cached.has(hash)).length
  const { embedded, vectors, refused } =
    missing.length === 0
      ? { embedded: [], vectors: packRows([], dimensions), refused: [] }
      : await embedWithModel(missing, config, options)
  const fresh = new Map(
    embedded.map(({ id }, row) => [
      hashes.get(id)!,
      vectors.values.slice(row * dimensions, (row + 1) * dimensions),
    ]),
  )
  const of = ({ id }: Image) => {
    const hash = hashes.get(id) ?? ''
    return fresh.get(hash) ?? cached.get(hash)
  }
  const done = images.filter((image) => of(image) !== undefined)
  const kept = new Map(done.map((image) => [hashes.get(image.id)!, of(image)!]))
  if (fresh.size > 0) await writeFeatures(file, dimensions, kept)
  return {
    images: done,
    features: packRows(
      done.map((image) => of(image)!),
      dimensions,
    ),
    refused: [...unread, ...refused],
    ...{ known, damaged },
  }
}

/** By id: two files of one content are one entry of the cache. */
async function hashFiles(
  images: readonly ImageFile[],
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ readonly hashes: ReadonlyMap<string, string>; readonly refused: RefusedFile[] }> {
  const hashes = new Map<string, string>()
  const refused: RefusedFile[] = []
  await mapBounded(images, FILES_AT_ONCE, async ({ id, path }) => {
    if (signal.aborted) throw new AppError('CANCELLED', 'stopped while the images were read')
    try {
      hashes.set(id, contentHashOf(await readImageFile(path, maxBytes)))
    } catch (error) {
      refused.push(refusalOf(id, error))
    }
  })
  return { hashes, refused }
}
