import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, messageOf } from '../../errors.ts'
import { isMissing, privatelyReplaced } from '../../files/durable-files.ts'
import { sha256Of } from '../../files/sha256.ts'
import { trainingInvalid } from '../../learning/training-invalid.ts'
import {
  CHECKSUM_BYTES,
  checksumOf,
  ENTRIES_AT_ONCE,
  entryBytes,
  entryOf,
  HASH_BYTES,
  HEADER_BYTES,
  headerOf,
  readUpTo,
  vectorOf,
} from './feature-entries.ts'

/** The size of as many images as a training takes, of the longest vectors. */
const MAX_BYTES = 2 ** 32

export function featuresFolder(dataFolder: string): string {
  return join(dataFolder, 'features')
}

/** @param model all that vectors depend on: the model's SHA-256 and its preprocessing. */
export function featureCacheFile(dataFolder: string, model: string, folder: string): string {
  const key = sha256Of(`${model}\0${folder}`).slice(0, 32)
  return join(featuresFolder(dataFolder), `${key}.features`)
}

/**
 * Opens a cache that holds vectors of one length in a file, by the SHA-256 of the image that each
 * is of. It keeps the wanted entries: others, and damaged ones, leave the file. A vector is written
 * as soon as it is added, so that work that is interrupted, or killed, resumes there.
 * @throws DATA_FOLDER_UNUSABLE, also of its functions; TRAINING_INVALID when what is wanted takes
 * more than 4 GiB.
 */
export async function openFeatureCache(
  file: string,
  dimensions: number,
  wanted: ReadonlySet<string>,
) {
  const size = HEADER_BYTES + wanted.size * entryBytes(dimensions)
  if (size > MAX_BYTES) throw trainingInvalid(`features of at most ${MAX_BYTES} bytes`, size)
  const { vectors, damaged, handle } = await usable(file, async () => {
    const { isClean, ...found } = await readEntries(file, dimensions, wanted)
    if (!isClean) {
      await privatelyReplaced(file, async (to) => {
        await to.appendFile(headerOf(dimensions))
        for (const [hash, vector] of found.vectors) await to.appendFile(entryOf(hash, vector))
      })
    }
    return { ...found, handle: await open(file, 'a') }
  })
  let writing: Promise<void> = Promise.resolve()
  return {
    /** What of the file could not be used and was dropped, or null. */
    damaged,
    get: (hash: string) => vectors.get(hash),
    /** Adds a vector; two images of one content are one entry. */
    async add(hash: string, vector: Float32Array): Promise<void> {
      if (vectors.has(hash)) return
      vectors.set(hash, vector)
      // One after the other: a file handle takes no two writes at a time.
      writing = writing.then(() => handle.appendFile(entryOf(hash, vector)))
      await usable(file, () => writing)
    },
    /** Closes the file after what is being written. */
    async close(): Promise<void> {
      // Its failure was thrown by `add`.
      await Promise.allSettled([writing])
      try {
        await usable(file, () => handle.datasync())
      } finally {
        await handle.close()
      }
    },
  }
}

/** @returns `isClean`: whether the file holds only these, so that more can be put behind them. */
async function readEntries(file: string, dimensions: number, wanted: ReadonlySet<string>) {
  const vectors = new Map<string, Float32Array>()
  await using handle = await open(file, 'r').catch((error: unknown) => {
    if (!isMissing(error)) throw error
    return null
  })
  if (handle === null) return { vectors, damaged: null, isClean: false }
  const header = await readUpTo(handle, HEADER_BYTES)
  if (!header.equals(headerOf(dimensions))) {
    return { vectors, damaged: 'it is of another form', isClean: false }
  }
  const step = entryBytes(dimensions)
  let [entries, broken, cut] = [0, 0, 0]
  for (;;) {
    const bytes = await readUpTo(handle, ENTRIES_AT_ONCE * step)
    const whole = Math.floor(bytes.length / step)
    for (let i = 0; i < whole; i++) {
      const entry = bytes.subarray(i * step, (i + 1) * step)
      const hash = entry.toString('hex', 0, HASH_BYTES)
      if (!checksumOf(entry).equals(entry.subarray(-CHECKSUM_BYTES))) broken++
      else if (wanted.has(hash)) vectors.set(hash, vectorOf(entry, dimensions))
    }
    entries += whole
    cut = bytes.length % step
    if (whole < ENTRIES_AT_ONCE) break
  }
  const damage = [
    ...(broken > 0 ? [`${broken} of ${entries} entries have another checksum`] : []),
    ...(cut > 0 ? ['its last entry is cut off'] : []),
  ]
  return {
    vectors,
    damaged: damage.join(', and ') || null,
    isClean: cut === 0 && vectors.size === entries,
  }
}

/** @throws DATA_FOLDER_UNUSABLE for whatever `work` throws. */
async function usable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const why = messageOf(cause)
    throw new AppError('DATA_FOLDER_UNUSABLE', `expected to write ${file}: ${why}`, { cause })
  }
}
