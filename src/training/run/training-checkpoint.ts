import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { deserialize, serialize } from 'node:v8'
import type { HeadsCheckpoint } from '../../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { GivenPart } from '../../learning/split-classes.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import { stateFile, unusableState, writeState } from './checkpoint-file.ts'

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
    const what = [FORM, recipe, features.dimensions, labels, parts]
    this.#file = stateFile(dataFolder, what, features, '.checkpoint')
    this.#writtenAt = performance.now()
  }

  get file(): string {
    return this.#file
  }

  /** @returns null when there is none; `damaged` when there is one that cannot be used. */
  async read(): Promise<HeadsCheckpoint | 'damaged' | null> {
    const bytes = await readFile(this.#file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null
      throw unusableState('read', cause)
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
    await writeState(this.#file, [createHash('sha256').update(body).digest(), body])
    this.#writtenAt = performance.now()
    return true
  }

  /** When the training is done. */
  async remove(): Promise<void> {
    await rm(this.#file, { force: true })
  }
}
