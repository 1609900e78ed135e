import { checkFree, writeBundle } from '../../adapters/models-folder/write-bundle.ts'
import { AppError } from '../../errors.ts'
import { transformRows } from '../../learning/feature-transform.ts'
import type { HeadsCheckpoint, HeadsProgress } from '../../learning/heads/train-heads.ts'
import {
  type LearningOptions,
  type LearntEmbedding,
  learnEmbedding,
} from '../../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { rowOf } from '../../vector/row-matrix.ts'
import type { TrainingConfig } from '../context.ts'
import type { EmbeddingOptions, EmbedPicture } from '../data/embed-files.ts'
import { type TrainingData, trainingData } from '../data/load-data.ts'
import type { RefusedFile } from '../data/refused-file.ts'
import { pictureReader, type TrainingSource } from '../data/source.ts'
import { learntBundle } from '../export/bundle-files.ts'
import { type CheckedPictures, checkExport } from '../export/check-export.ts'
import { type TrainedExample, trainedExample } from '../export/example-images.ts'
import { choiceText, type TrainingReport, trainingReport } from '../export/training-report.ts'
import { dropOldStates, droppedLine } from './checkpoint-file.ts'
import { TrainingCheckpoint } from './training-checkpoint.ts'
import { withLearningEngine } from './with-learning-engine.ts'

export interface TrainRequest {
  readonly source: TrainingSource
  readonly recipe: TrainingRecipe
  /** Of the model that is made. */
  readonly name: string
  /** Replaces a model of that name. */
  readonly force: boolean
}

export interface TrainSurroundings {
  readonly say: (line: string) => void
  readonly onProgress: (progress: HeadsProgress) => void
  readonly startProgress: EmbeddingOptions['startProgress']
  /** The configured model, opened for this, unless given. */
  readonly embed?: EmbedPicture
  /** A checkpoint is on the disk. */
  readonly onCheckpoint?: () => void
  readonly signal: AbortSignal
}

export interface TrainedModel {
  readonly report: TrainingReport
  readonly refused: readonly RefusedFile[]
  /** The folder of the model. */
  readonly place: string
  /** A line that says why the model is what it is. */
  readonly why: string
  /** None where there are no pictures. */
  readonly examples: readonly TrainedExample[]
}

const CHECKED_IMAGES = 4

/**
 * From labelled pictures to a model bundle: features, training, choice, test, export.
 * @throws INVALID_NAME, MODEL_EXISTS, TRAINING_INVALID, EXPORT_DIFFERS, CANCELLED, and what reading
 * images and models throws. Nothing is left behind but the cache of features and, of an interrupted
 * training, its checkpoint.
 */
export async function trainModel(
  request: TrainRequest,
  config: TrainingConfig,
  around: TrainSurroundings,
): Promise<TrainedModel> {
  const started = performance.now()
  const { source, name, recipe } = request
  await checkModelName(name, request.force, config)
  const data = await trainingData(source, recipe, config, around)
  const { backbone, features, labels, parts, refused } = data
  around.say('training')
  const checkpoint = new TrainingCheckpoint(config.dataFolder, { recipe, labels, features, parts })
  const from = await lastCheckpoint(checkpoint, around.say)
  const dropped = droppedLine(await dropOldStates(checkpoint.file))
  if (dropped !== null) around.say(dropped)
  const options: LearningOptions = {
    ...{ ...recipe, parts, signal: around.signal, onProgress: around.onProgress },
    resumeFrom: from,
    async onCheckpoint(take) {
      if (await checkpoint.write(take, around.signal.aborted)) around.onCheckpoint?.()
    },
  }
  const learnt = await withLearningEngine(config, (engine) =>
    learnEmbedding(features, labels, options, engine),
  )
  for (const { start, advice } of [...learnt.foldHeads, learnt.head]) {
    if (advice !== null) around.say(`started as ${start}: ${advice}`)
  }
  around.say(choiceText(learnt))
  const seconds = () => Math.round((performance.now() - started) / 100) / 10
  const report = trainingReport({ model: name, recipe }, learnt, seconds())
  const bundle = learntBundle({
    ...{ report, backbone, transform: learnt.chosen },
    options: recipe,
    why: choiceText(learnt),
  })
  if (around.signal.aborted) throw new AppError('CANCELLED', 'stopped before the model was written')
  const pictures = checkedPictures(learnt, data, source, config)
  const place = await writeBundle(config.modelsFolder, bundle, (written) =>
    checkExport(written, pictures, config),
  )
  await checkpoint.remove()
  const { images } = data
  return {
    report: { ...report, seconds: seconds() },
    ...{ refused, place, why: choiceText(learnt) },
    examples:
      images === null ? [] : learnt.test.examples.map((example) => trainedExample(example, images)),
  }
}

/** @throws INVALID_NAME, MODEL_EXISTS, DATA_FOLDER_UNUSABLE. */
export async function checkModelName(
  name: string,
  force: boolean,
  { model, modelsFolder }: TrainingConfig,
): Promise<void> {
  if (name === model) {
    throw new AppError('INVALID_NAME', `expected another name than the backbone's, got ${name}`)
  }
  await checkFree(modelsFolder, name, { force })
}

async function lastCheckpoint(
  checkpoint: TrainingCheckpoint,
  say: (line: string) => void,
): Promise<HeadsCheckpoint | null> {
  const from = await checkpoint.read()
  if (from === 'damaged') {
    say('the checkpoint of an earlier training is damaged; the training starts from the beginning')
    return null
  }
  if (from !== null) {
    say(`going on where an earlier training stopped, after ${from.heads.length} heads`)
  }
  return from
}

function checkedPictures(
  { chosen, split }: LearntEmbedding,
  { features, images }: TrainingData,
  source: TrainingSource,
  config: TrainingConfig,
): CheckedPictures {
  if (images === null || source.kind === 'vectors') return { kind: 'drawn', transform: chosen }
  const { dimensions } = features
  const rows = split.test.rows.slice(0, CHECKED_IMAGES)
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(features, row), to * dimensions)
  const wanted = transformRows({ values, count: rows.length, dimensions }, chosen)
  const paths = rows.map((row) => images[row]!.path)
  return { kind: 'files', paths, read: pictureReader(source, config.maxBodyBytes), wanted }
}
