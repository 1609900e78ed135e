import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { AppError } from '../errors.ts'
import type { GivenPart } from '../learning/split-classes.ts'
import type { HeadsCheckpoint } from '../learning/train-heads.ts'
import type { TrainingRecipe } from '../learning/training-recipe.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'

/** To be raised when what a checkpoint holds changes. */
const FORM = 2
const HASH_BYTES = 32
/** A large head takes seconds to write: not after every check. */
const WRITE_EVERY_MS = 10_000

export interface CheckpointOf {
  readonly recipe: TrainingRecipe
  readonly features: RowMatrix
  readonly labels: readonly string[]
  readonly parts: readonly GivenPart[] | null
}

/**
 * Where a training is, in a file of its own by recipe, features and labels: the same command goes
 * on where it was interrupted. The file holds its own SHA-256, and is written to a temporary name,
 * synced and renamed.
 */
export class TrainingCheckpoint {
  readonly #file: string
  #writtenAt: number

  constructor(dataFolder: string, { recipe, features, labels, parts }: CheckpointOf) {
    const { buffer, byteOffset, byteLength } = features.values
    const key = createHash('sha256')
      .update(JSON.stringify([FORM, recipe, features.dimensions, labels, parts]))
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex')
    this.#file = join(dataFolder, 'trainings', `${key.slice(0, 32)}.checkpoint`)
    this.#writtenAt = performance.now()
  }

  /** @returns null when there is none; `damaged` when there is one that cannot be used. */
  async read(): Promise<HeadsCheckpoint | 'damaged' | null> {
    const bytes = await readFile(this.#file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null
      throw unusable('read', cause)
    })
    if (bytes === null) return null
    const [hash, body] = [bytes.subarray(0, HASH_BYTES), bytes.subarray(HASH_BYTES)]
    if (!createHash('sha256').update(body).digest().equals(hash)) return 'damaged'
    return deserialize(body) as HeadsCheckpoint
  }

  /**
   * Writes what `take` gives, if the last time is long enough ago or `now`.
   * @returns whether it did.
   * @throws DATA_FOLDER_UNUSABLE
   */
  async write(take: () => Promise<HeadsCheckpoint>, now: boolean): Promise<boolean> {
    if (!now && performance.now() - this.#writtenAt < WRITE_EVERY_MS) return false
    const body = serialize(await take())
    const temporary = `${this.#file}.${process.pid}.tmp`
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      await using handle = await open(temporary, 'w')
      await handle.writev([createHash('sha256').update(body).digest(), body])
      await handle.sync()
      await rename(temporary, this.#file)
    } catch (cause) {
      await rm(temporary, { force: true })
      throw unusable('write', cause)
    }
    this.#writtenAt = performance.now()
    return true
  }

  /** When the training is done. */
  async remove(): Promise<void> {
    await rm(this.#file, { force: true })
  }
}

function unusable(what: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError('DATA_FOLDER_UNUSABLE', `expected to ${what} a checkpoint: ${why}`, { cause })
}
