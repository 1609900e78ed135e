import { join } from 'node:path'
import { readBundle } from '../adapters/onnxruntime/read-bundle.ts'
import { TrainingSession } from '../adapters/onnxruntime/training-session.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { transformRows } from '../learning/feature-transform.ts'
import { type LearntEmbedding, learnEmbedding } from '../learning/learn-embedding.ts'
import type { ObjectiveOptions } from '../learning/objective.ts'
import { checkSplittable } from '../learning/split-classes.ts'
import type { HeadProgress, OpenTrainer } from '../learning/train-head.ts'
import { resolveTraining } from '../learning/training-options.ts'
import { rowOf } from '../vector/row-matrix.ts'
import { type BackboneFeatures, backboneFeatures } from './backbone-features.ts'
import { checkExport } from './check-export.ts'
import { type LabelledImage, listLabelledImages } from './labelled-images.ts'
import { learntBundle } from './learnt-bundle.ts'
import type { RefusedFile } from './refused-file.ts'
import { choiceText, type TrainingReport, trainingReport } from './training-report.ts'
import { checkFree, writeBundle } from './write-bundle.ts'

export interface TrainRequest {
  readonly folder: string
  readonly objective: ObjectiveOptions['kind']
  readonly easyPositives: boolean
  /** Weight of the JRD regulariser; null for none. */
  readonly jrd: number | null
  /** Of the model that is made. */
  readonly name: string
  /** Of the head. */
  readonly dimensions: number
  readonly seed: number
  /** At most. */
  readonly steps: number
  /** Replaces a model of that name. */
  readonly force: boolean
}

export interface TrainSurroundings {
  readonly quiet: boolean
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

const CHECKED_IMAGES = 4

/**
 * From a folder of labelled images to a model bundle: features, training, choice, test, export.
 * @throws INVALID_NAME, MODEL_EXISTS, TRAINING_INVALID, EXPORT_DIFFERS, CANCELLED, and what reading
 * images and models throws. Nothing is left behind but the cache of features.
 */
export async function trainFolder(
  request: TrainRequest,
  config: Config,
  around: TrainSurroundings,
): Promise<{ readonly report: TrainingReport; readonly refused: readonly RefusedFile[] }> {
  const started = performance.now()
  const { folder, name } = request
  if (name === config.model) {
    throw new AppError('INVALID_NAME', `expected another name than the backbone's, got ${name}`)
  }
  await checkFree(config.modelsFolder, name, request)
  const backbone = await readBundle(join(config.modelsFolder, config.model))
  if (request.dimensions > backbone.bundle.output.dimensions) {
    throw new AppError(
      'TRAINING_INVALID',
      `expected at most the ${backbone.bundle.output.dimensions} dimensions of ${config.model}, got ${request.dimensions}`,
    )
  }
  checkObjective(request)
  const found = await listLabelledImages(folder, null)
  if (found.unlabelled > 0) {
    around.say(`left out images that lie in no class folder of ${folder}: ${found.unlabelled}`)
  }
  // Before the embedding, which may take hours.
  checkSplittable(numberClasses(found.images.map(({ label }) => label)).sizes)
  const data = await backboneFeatures(folder, found.images, backbone.bundle, config, around)
  tellFeatures(data, around.say)
  // Its principal components hold this thread for seconds.
  around.say('training')
  const learnt = await learnEmbedding(
    data.features,
    data.images.map(({ label }) => label),
    { ...learningOptions(request), ...{ signal: around.signal, onProgress: progressOf(around) } },
    openTrainer(config),
  )
  if (learnt.head.advice !== null) around.say(learnt.head.advice)
  around.say(choiceText(learnt))
  const seconds = () => Math.round((performance.now() - started) / 100) / 10
  const report = trainingReport({ ...request, model: name }, learnt, seconds())
  const bundle = learntBundle({
    ...{ report, backbone, transform: learnt.choice.chosen.transform },
    options: learningOptions(request),
    why: choiceText(learnt),
  })
  if (around.signal.aborted) throw new AppError('CANCELLED', 'stopped before the model was written')
  const place = await writeBundle(config.modelsFolder, bundle, (written) =>
    checkLearnt(written, learnt, data, config),
  )
  around.say(`wrote ${place}`)
  return {
    report: { ...report, seconds: seconds() },
    refused: [...found.refused, ...data.refused],
  }
}

/** Of any size: what does not fit together is told before hours of work. */
function checkObjective({ objective, easyPositives, jrd }: TrainRequest): void {
  resolveTraining({
    ...{ objective: { kind: objective }, easyPositives, head: { kind: 'linear' } },
    jrd: jrd === null ? null : { weight: jrd },
    ...{ inputDimensions: 2, dimensions: 2, classes: 2, seed: 0 },
    batch: { classes: 2, perClass: 2 },
  })
}

function learningOptions(request: TrainRequest) {
  const { objective, easyPositives, jrd, dimensions, seed, steps } = request
  const head = 'linear'
  return {
    objective: { kind: objective },
    easyPositives,
    jrd,
    head,
    dimensions,
    seed,
    steps,
  } as const
}

/** Only the cpu gives the same bits in every run, so that a GPU trains when it was asked for. */
function openTrainer({ provider }: Config): OpenTrainer {
  return async (graph, embedding) =>
    await TrainingSession.open({
      ...{ graph, embedding, provider: provider === 'cuda' ? 'cuda' : 'cpu' },
    })
}

function tellFeatures(
  { known, damaged, images }: BackboneFeatures<LabelledImage>,
  say: (line: string) => void,
): void {
  if (damaged !== null) say(`the cache of features cannot be used and was made anew: ${damaged}`)
  say(`features of ${images.length} images, ${known} of them from the cache`)
  const { names, sizes } = numberClasses(images.map(({ label }) => label))
  const alone = names.filter((_, number) => sizes[number] === 1)
  if (alone.length > 0) {
    say(`left out classes of one image, which have no pair: ${alone.join(', ')}`)
  }
}

function progressOf({ quiet, say }: TrainSurroundings): (progress: HeadProgress) => void {
  if (quiet) return () => {}
  return ({ step, steps, loss, mapAtR }) =>
    say(`step ${step} of ${steps}: loss ${loss.toFixed(4)}, validation MAP@R ${mapAtR.toFixed(4)}`)
}

async function checkLearnt(
  written: string,
  { choice, split }: LearntEmbedding,
  { features, images }: BackboneFeatures<LabelledImage>,
  config: Config,
): Promise<void> {
  const { transform } = choice.chosen
  const { dimensions } = features
  const rows = split.test.rows.slice(0, CHECKED_IMAGES)
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(features, row), to * dimensions)
  const vectors = transformRows({ values, count: rows.length, dimensions }, transform)
  const paths = rows.map((row) => images[row]!.path)
  await checkExport(written, paths, vectors, config)
}
