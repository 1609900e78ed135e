import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { DamagedFile } from '../../files/damaged-file.ts'
import type { HeadsCheckpoint } from '../../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingData } from '../data/load-data.ts'
import { CheckpointFile, type CheckpointFormat } from './checkpoint-file.ts'

/** To be raised when what a checkpoint holds changes. */
const FORM = 2
const HASH_BYTES = 32
/** A large head takes seconds to write: not after every check. */
const WRITE_EVERY_MS = 10_000

/** The SHA-256 of the body, then the body. */
const FORMAT: CheckpointFormat<HeadsCheckpoint> = {
  ending: '.checkpoint',
  encode(checkpoint) {
    const body = serialize(checkpoint)
    return [createHash('sha256').update(body).digest(), body]
  },
  decode(bytes) {
    const [hash, body] = [bytes.subarray(0, HASH_BYTES), bytes.subarray(HASH_BYTES)]
    if (createHash('sha256').update(body).digest().equals(hash)) return deserialize(body)
    throw new DamagedFile('its checksum does not hold')
  },
}

/** Holds the state of a training on the disk, by its recipe, features and labels. */
export class TrainingCheckpoint extends CheckpointFile<HeadsCheckpoint> {
  #writtenAt = performance.now()

  constructor(
    dataFolder: string,
    recipe: TrainingRecipe,
    { features, labels, parts }: Pick<TrainingData, 'features' | 'labels' | 'parts'>,
  ) {
    super(dataFolder, [FORM, recipe, features.dimensions, labels, parts], features, FORMAT)
  }

  /**
   * Writes what `take` gives, if the last time is long enough ago or `now`.
   * @returns whether it did.
   * @throws DATA_FOLDER_UNUSABLE
   */
  async writeIfDue(take: () => Promise<HeadsCheckpoint>, now: boolean): Promise<boolean> {
    if (!now && performance.now() - this.#writtenAt < WRITE_EVERY_MS) return false
    await this.write(await take())
    this.#writtenAt = performance.now()
    return true
  }
}
