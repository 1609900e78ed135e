import { rm } from 'node:fs/promises'
import { checkFree, writeBundle } from '../../adapters/models-folder/write-bundle.ts'
import { AppError } from '../../errors.ts'
import { divideText } from '../../learning/divide/divide-plan.ts'
import type { HeadsCheckpoint } from '../../learning/heads/train-heads.ts'
import { type LearntEmbedding, learnEmbedding } from '../../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { selectRows } from '../../vector/row-matrix.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import { loadTrainingData, type TrainingData } from '../data/load-data.ts'
import type { RefusedFile } from '../data/refused-file.ts'
import { imageReader, type TrainingSource } from '../data/source.ts'
import { bundleFiles } from '../export/bundle-files.ts'
import { checkExport } from '../export/check-export.ts'
import { type ExampleImages, exampleImages } from '../export/example-images.ts'
import { choiceText, type TrainingReport, trainingReport } from '../export/training-report.ts'
import { CheckpointFile, clonedFormat } from './checkpoint-file.ts'
import { withLearningEngine } from './with-learning-engine.ts'

export interface TrainRequest {
  readonly source: TrainingSource
  readonly recipe: TrainingRecipe
  /** The name of the model that is made. */
  readonly name: string
  /** Replaces a model of that name. */
  readonly force: boolean
}

export interface TrainedModel {
  readonly report: TrainingReport
  readonly refused: readonly RefusedFile[]
  /** The folder of the model. */
  readonly place: string
  /** Why the model is what it is, in a line. */
  readonly why: string
  /** Empty where the training had no images. */
  readonly examples: readonly ExampleImages[]
}

const CHECKED_IMAGES = 4
/** Rises when what a checkpoint holds changes, or what a training makes of it. */
const CHECKPOINT_FORM = 3
/** A large head takes seconds to write: not after every check. */
const WRITE_EVERY_MS = 10_000

/**
 * Makes a model bundle of labelled images: features, training, choice, test, export.
 * @throws INVALID_NAME, MODEL_EXISTS, TRAINING_INVALID, EXPORT_DIFFERS, CANCELLED, and what reading
 * images and models throws. Nothing is left behind but the cache of features and, of an interrupted
 * training, its checkpoint. A training that fails leaves no features.
 */
export async function trainModel(
  request: TrainRequest,
  config: TrainingConfig,
  context: TrainingContext,
): Promise<TrainedModel> {
  const files: string[] = []
  const onFeatureFile = (file: string) => files.push(file)
  try {
    return await train(request, config, { ...context, onFeatureFile })
  } catch (error) {
    // What is stopped is resumed from there.
    if (!context.signal.aborted) {
      for (const file of files) await rm(file, { force: true })
    }
    throw error
  }
}

async function train(
  { source, name, recipe, force }: TrainRequest,
  config: TrainingConfig,
  context: TrainingContext,
): Promise<TrainedModel> {
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 100) / 10
  const { onNote, onProgress, signal } = context
  await checkModelName(name, force, config)
  const data = await loadTrainingData(source, recipe, config, context)
  const { backbone, features, otherViews, inner, labels, parts, refused, images } = data
  onNote('training')
  if (recipe.learners !== null) onNote(divideText(recipe.learners, recipe.steps))
  const work = [CHECKPOINT_FORM, recipe, features.dimensions, labels, parts]
  const format = clonedFormat<HeadsCheckpoint>()
  const rows = [features, ...otherViews, ...(inner ? [inner.features, ...inner.otherViews] : [])]
  const checkpoint = new CheckpointFile(config.dataFolder, work, rows, format)
  const resumeFrom = await lastCheckpoint(checkpoint, onNote)
  await checkpoint.dropOthers(onNote)
  let writtenAt = performance.now()
  const onCheckpoint = async (take: () => Promise<HeadsCheckpoint>) => {
    if (!signal.aborted && performance.now() - writtenAt < WRITE_EVERY_MS) return
    await checkpoint.write(await take())
    writtenAt = performance.now()
    context.onCheckpoint?.()
  }
  const watched = { signal, onProgress, resumeFrom, onCheckpoint }
  const options = { ...recipe, parts, otherViews, inner, ...watched }
  const learnt = await withLearningEngine(config, (engine) =>
    learnEmbedding(features, labels, options, engine),
  )
  for (const { start, advice } of [...learnt.foldHeads, learnt.head]) {
    if (advice !== null) onNote(`started as ${start}: ${advice}`)
  }
  const why = choiceText(learnt)
  onNote(why)
  const report = trainingReport({ model: name, recipe }, learnt, seconds())
  const transform = learnt.chosen
  const bundle = bundleFiles({ report, backbone, transform, options: recipe, why })
  if (signal.aborted) throw new AppError('CANCELLED', 'stopped before the model was written')
  const checked = checkedImages(learnt, data, source, config)
  const place = await writeBundle(config.modelsFolder, bundle, (written) =>
    checkExport(written, checked, transform, config),
  )
  await checkpoint.remove()
  return {
    report: { ...report, seconds: seconds() },
    refused,
    place,
    why,
    examples: images === null ? [] : learnt.test.examples.map((one) => exampleImages(one, images)),
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
  checkpoint: CheckpointFile<HeadsCheckpoint>,
  onNote: TrainingContext['onNote'],
): Promise<HeadsCheckpoint | null> {
  const last = await checkpoint.read()
  if (last === 'damaged') {
    const then = 'the training starts from the beginning'
    onNote(`the checkpoint of an earlier training is damaged; ${then}`)
    return null
  }
  if (last !== null) {
    onNote(`going on where an earlier training stopped, after ${last.heads.length} heads`)
  }
  return last
}

/** Picks some test images to check the export by; null where there are only vectors. */
function checkedImages(
  { split }: LearntEmbedding,
  { features, inner, images }: TrainingData,
  source: TrainingSource,
  { maxBodyBytes }: TrainingConfig,
) {
  if (images === null || source.kind === 'vectors') return null
  const rows = split.test.rows.slice(0, CHECKED_IMAGES)
  const paths = rows.map((row) => images[row]!.path)
  const read = imageReader(source, maxBodyBytes)
  const wide = inner && selectRows(inner.features, rows)
  return { paths, read, features: selectRows(features, rows), inner: wide }
}
