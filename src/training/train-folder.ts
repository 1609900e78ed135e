import { TrainingSession } from '../adapters/onnxruntime/training-session.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { transformRows } from '../learning/feature-transform.ts'
import type { OpenTrainer } from '../learning/head-trainer.ts'
import { type LearntEmbedding, learnEmbedding } from '../learning/learn-embedding.ts'
import type { HeadsProgress } from '../learning/train-heads.ts'
import type { TrainingRecipe } from '../learning/training-recipe.ts'
import { rowOf } from '../vector/row-matrix.ts'
import type { BackboneFeatures } from './backbone-features.ts'
import { checkExport } from './check-export.ts'
import type { EmbeddingOptions } from './embed-files.ts'
import type { LabelledImage } from './labelled-images.ts'
import { learntBundle } from './learnt-bundle.ts'
import type { RefusedFile } from './refused-file.ts'
import { TrainingCheckpoint } from './training-checkpoint.ts'
import { trainingData } from './training-data.ts'
import { choiceText, type TrainingReport, trainingReport } from './training-report.ts'
import { checkFree, writeBundle } from './write-bundle.ts'

export interface TrainRequest {
  readonly folder: string
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
  readonly signal: AbortSignal
}

const CHECKED_IMAGES = 4

/**
 * From a folder of labelled images to a model bundle: features, training, choice, test, export.
 * @throws INVALID_NAME, MODEL_EXISTS, TRAINING_INVALID, EXPORT_DIFFERS, CANCELLED, and what reading
 * images and models throws. Nothing is left behind but the cache of features and, of an interrupted
 * training, its checkpoint.
 */
export async function trainFolder(
  request: TrainRequest,
  config: Config,
  around: TrainSurroundings,
): Promise<{ readonly report: TrainingReport; readonly refused: readonly RefusedFile[] }> {
  const started = performance.now()
  const { folder, name, recipe } = request
  if (name === config.model) {
    throw new AppError('INVALID_NAME', `expected another name than the backbone's, got ${name}`)
  }
  await checkFree(config.modelsFolder, name, request)
  const { backbone, data, refused } = await trainingData(folder, recipe, config, around)
  // Its principal components hold this thread for seconds.
  around.say('training')
  const labels = data.images.map(({ label }) => label)
  const checkpoint = new TrainingCheckpoint(config.dataFolder, {
    ...{ recipe, labels, features: data.features },
  })
  const from = await checkpoint.read()
  if (from !== null) {
    around.say(`going on where an earlier training stopped, after ${from.heads.length} heads`)
  }
  const learnt = await learnEmbedding(
    data.features,
    labels,
    {
      ...recipe,
      ...{ signal: around.signal, onProgress: around.onProgress, from },
      onCheckpoint: (take) => checkpoint.write(take, around.signal.aborted),
    },
    openTrainer(config),
  )
  for (const { start, advice } of [...learnt.judged, learnt.head]) {
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
  const place = await writeBundle(config.modelsFolder, bundle, (written) =>
    checkLearnt(written, learnt, data, config),
  )
  await checkpoint.remove()
  around.say(`wrote ${place}`)
  return {
    report: { ...report, seconds: seconds() },
    refused,
  }
}

/** Only the cpu gives the same bits in every run, so that a GPU trains when it was asked for. */
export function openTrainer({ provider }: Config): OpenTrainer {
  return async (graph, embedding) =>
    await TrainingSession.open({
      ...{ graph, embedding, provider: provider === 'cuda' ? 'cuda' : 'cpu' },
    })
}

async function checkLearnt(
  written: string,
  { chosen, split }: LearntEmbedding,
  { features, images }: BackboneFeatures<LabelledImage>,
  config: Config,
): Promise<void> {
  const { dimensions } = features
  const rows = split.test.rows.slice(0, CHECKED_IMAGES)
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(features, row), to * dimensions)
  const vectors = transformRows({ values, count: rows.length, dimensions }, chosen)
  const paths = rows.map((row) => images[row]!.path)
  await checkExport(written, paths, vectors, config)
}
