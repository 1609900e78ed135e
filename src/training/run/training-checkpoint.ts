import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { DamagedFile } from '../../files/durable-files.ts'
import type { HeadsCheckpoint } from '../../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingData } from '../data/load-data.ts'
import { CheckpointFile, type CheckpointFormat } from './checkpoint-file.ts'

/** Rises when what a checkpoint holds changes. */
const FORM = 2
const HASH_BYTES = 32

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

/** Names the file of the state of a training by its recipe, features and labels. */
export function trainingCheckpoint(
  dataFolder: string,
  recipe: TrainingRecipe,
  { features, labels, parts }: Pick<TrainingData, 'features' | 'labels' | 'parts'>,
): CheckpointFile<HeadsCheckpoint> {
  const work = [FORM, recipe, features.dimensions, labels, parts]
  return new CheckpointFile(dataFolder, work, features, FORMAT)
}
