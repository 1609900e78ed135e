import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../errors.ts'

/** Vectors of one length, by the SHA-256 of the image file that each is of. */
export type FeaturesByContent = ReadonlyMap<string, Float32Array>

// magic, dimensions, count, then count x (hash, float32 vector), then the SHA-256 of all that.
const MAGIC = Buffer.from('LKFEAT01')
const HEADER_BYTES = MAGIC.length + 8
const HASH_BYTES = 32
/** As many images as a training takes, of the longest vectors. */
const MAX_BYTES = 2 ** 32

/** @param model names all that vectors depend on: the model's SHA-256 and its preprocessing. */
export function featureCacheFile(dataFolder: string, model: string, folder: string): string {
  const key = createHash('sha256').update(`${model}\0${folder}`).digest('hex').slice(0, 32)
  return join(dataFolder, 'features', `${key}.features`)
}

/**
 * Reads a cache file.
 * @returns nothing when there is no file yet; `damaged` says why a file cannot be used, so that the
 * caller can tell and make it anew.
 */
export async function readFeatures(
  file: string,
  dimensions: number,
): Promise<{ readonly features: FeaturesByContent; readonly damaged: string | null }> {
  const none = (damaged: string | null) => ({ features: new Map(), damaged })
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return none(null)
    return none(cause instanceof Error ? cause.message : String(cause))
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES))
  const checksum = createHash('sha256').update(body).digest()
  if (!checksum.equals(bytes.subarray(body.length))) return none('its checksum is another')
  const entryBytes = HASH_BYTES + 4 * dimensions
  const fits =
    body.subarray(0, MAGIC.length).equals(MAGIC) &&
    body.length >= HEADER_BYTES &&
    body.readUInt32LE(MAGIC.length) === dimensions &&
    body.length === HEADER_BYTES + body.readUInt32LE(MAGIC.length + 4) * entryBytes
  if (!fits) return none('it is of another form')
  const features = new Map<string, Float32Array>()
  for (let at = HEADER_BYTES; at < body.length; at += entryBytes) {
    const hash = body.subarray(at, at + HASH_BYTES).toString('hex')
    const vector = new Float32Array(dimensions)
    for (let i = 0; i < dimensions; i++) vector[i] = body.readFloatLE(at + HASH_BYTES + 4 * i)
    features.set(hash, vector)
  }
  return { features, damaged: null }
}

/**
 * Writes a cache file: to a temporary name, synced and renamed.
 * @throws DATA_FOLDER_UNUSABLE
 */
export async function writeFeatures(
  file: string,
  dimensions: number,
  features: FeaturesByContent,
): Promise<void> {
  const entryBytes = HASH_BYTES + 4 * dimensions
  const size = HEADER_BYTES + features.size * entryBytes
  if (size > MAX_BYTES) {
    throw new AppError(
      'TRAINING_INVALID',
      `expected features of at most ${MAX_BYTES} bytes, got ${size}`,
    )
  }
  const body = Buffer.alloc(size)
  MAGIC.copy(body)
  body.writeUInt32LE(dimensions, MAGIC.length)
  body.writeUInt32LE(features.size, MAGIC.length + 4)
  let at = HEADER_BYTES
  for (const [hash, vector] of features) {
    body.write(hash, at, 'hex')
    for (let i = 0; i < dimensions; i++) body.writeFloatLE(vector[i]!, at + HASH_BYTES + 4 * i)
    at += entryBytes
  }
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    await using handle = await open(temporary, 'w')
    await handle.writev([body, createHash('sha256').update(body).digest()])
    await handle.sync()
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('DATA_FOLDER_UNUSABLE', `expected to write ${file}: ${why}`, { cause })
  }
}
