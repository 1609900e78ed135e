import type { Command } from 'commander'
import { type Config, loadConfig } from '../../config/config.ts'
import { CLIENT_VARIABLES } from '../../config/settings.ts'
import { AppError } from '../../errors.ts'
import type { HeadsProgress } from '../../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingContext } from '../../training/context.ts'
import { type RefusedFile, refusalLine } from '../../training/data/refused-file.ts'
import type { TrainingSource } from '../../training/data/source.ts'
import type { ReportDocument } from '../report/report-document.ts'
import { EXIT, interruptible, notify, printResult } from '../terminal.ts'
import type { TrainedPoint } from './remote-training.ts'
import { addTrainOptions, checkedRecipe, missing, type TrainOptions } from './train-options.ts'

interface Task {
  readonly recipe: TrainingRecipe
  readonly options: TrainOptions
  readonly config: Config
  readonly context: TrainingContext
}

/** The result of a training or a comparison, as it is printed and written. */
interface Outcome {
  /** Printed by `--json`. */
  readonly report: object
  readonly text: string
  readonly refused: readonly RefusedFile[]
  /** Null where there is nothing to write. */
  readonly document: ReportDocument | null
}

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .summary('train a head on labelled images, and make a model of it')
    .description(
      'Trains on the images below FOLDER, whose first folders are their classes, and writes a model that ' +
        '`--model NAME` serves. Part of the classes is kept apart to choose by and to test on. Where training ' +
        'does not help beyond doubt, the model is the backbone as it is. docs/learning.md explains the numbers.',
    )
  addTrainOptions(command).action(run)
}

async function run(folder: string | undefined, options: TrainOptions): Promise<void> {
  const { json, report: file, quiet } = options
  const config = loadConfig(process.env, options)
  const recipe = await checkedRecipe(folder, options)
  const { startProgress } = await import('../progress.ts')
  const { checkReportFile, writeReport } = await import('../report/report-file.ts')
  await interruptible({ notice: 'stopping; again to stop at once' }, async (signal) => {
    if (file !== undefined) await checkReportFile(file)
    const context: TrainingContext = {
      onNote: notify,
      signal,
      onProgress: quiet ? () => {} : notifyPoint,
      startProgress: (total) => startProgress(total, { quiet: quiet === true }),
    }
    const outcome = await outcomeOf(folder, { recipe, options, config, context })
    const { report, text, refused, document } = outcome
    if (file !== undefined && document !== null) await writeReport(file, document, config)
    for (const file of refused) notify(refusalLine(file))
    printResult(json, report, () => text)
    if (refused.length > 0) process.exitCode = EXIT.someRefused
  })
}

async function outcomeOf(folder: string | undefined, task: Task): Promise<Outcome> {
  const { options, config } = task
  const { collection, data, compare } = options
  const work = compare === undefined ? train : compareWith
  if (collection === undefined) {
    const { imageSource } = await import('../../training/data/source.ts')
    return await work(await imageSource(folder ?? ''), task)
  }
  const byService = data === undefined && compare === undefined
  const url = options.url ?? (byService ? process.env[CLIENT_VARIABLES.url] : undefined)
  if (url !== undefined) return await trainByService(url, collection, task)
  const { source, model } = await collectionSource(collection, task)
  return await work(source, { ...task, config: { ...config, model } })
}

/** Reads the vectors of a collection of the data folder, which is closed again, and the name of their model. */
async function collectionSource(name: string, { options, config, context }: Task) {
  const { openServiceAlone } = await import('../backend/local-backend.ts')
  const vectors = await import('../../training/data/collection-vectors.ts')
  const service = await openServiceAlone(config)
  try {
    const collection = service.collections.get(name)
    const model = vectors.backboneOf(collection.spec)
    const source = await vectors.collectionVectors(collection, options.field ?? '', context)
    return { source, model }
  } finally {
    await service.close()
  }
}

async function train(source: TrainingSource, task: Task): Promise<Outcome> {
  const { recipe, config, context } = task
  const { name, force } = task.options
  if (name === undefined) throw missing('a --name of the model that is made')
  const { trainInThread } = await import('../../training/run/train-in-thread.ts')
  const { trainingTable } = await import('../../training/export/training-report.ts')
  const { trainingDocument } = await import('./training-document.ts')
  const request = { source, recipe, name, force: force === true }
  const trained = await trainInThread(request, config, context, { givesWay: false })
  notify(`wrote ${trained.place}`)
  const { report, refused } = trained
  const document = trainingDocument(config.model, trained)
  return { report, text: trainingTable(report), refused, document }
}

async function compareWith(source: TrainingSource, task: Task): Promise<Outcome> {
  const { recipe, config, context } = task
  const { compare: objectives = [], seeds = 5, quiet } = task.options
  const { compareObjectives } = await import('./compare-objectives.ts')
  const { comparisonDocument, comparisonText } = await import('./comparison-report.ts')
  const request = { source, recipe, objectives, seeds }
  const onRun = quiet ? () => {} : notify
  const { report, refused } = await compareObjectives(request, config, context, onRun)
  return { report, text: comparisonText(report), refused, document: comparisonDocument(report) }
}

async function trainByService(url: string, collection: string, task: Task): Promise<Outcome> {
  const { recipe, options } = task
  const { name, force, field = '', quiet } = options
  if (options.report !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected no --report of a training by a service')
  }
  if (name === undefined) throw missing('a --name of the model that is made')
  const { trainRemotely } = await import('./remote-training.ts')
  const { trainingTable } = await import('../../training/export/training-report.ts')
  const apiKey = options.apiKey ?? process.env[CLIENT_VARIABLES.apiKey] ?? null
  const request = { name, replace: force === true, collection, field }
  const onPoint = quiet ? () => {} : notifyPoint
  const { signal } = task.context
  const { report, refused } = await trainRemotely({ url, apiKey }, recipe, request, onPoint, signal)
  notify(`the service at ${url} has the model ${name}`)
  return { report, text: trainingTable(report), refused, document: null }
}

/** Notifies of a point; a service leaves out of how many heads and steps it is. */
function notifyPoint(point: TrainedPoint & Partial<Pick<HeadsProgress, 'heads' | 'steps'>>): void {
  const { head, heads, start, step, steps, loss, mapAtR } = point
  const outOf = (total: number | undefined) => (total === undefined ? '' : ` of ${total}`)
  const judged = mapAtR === null ? '' : `, validation MAP@R ${mapAtR.toFixed(4)}`
  notify(
    `head ${head}${outOf(heads)} (${start}), step ${step}${outOf(steps)}: loss ${loss.toFixed(4)}${judged}`,
  )
}
