import { type Command, InvalidArgumentError } from 'commander'
import { isFile } from '../../adapters/image-files.ts'
import { loadConfig } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import type { EvaluationProgress } from '../../evaluation/evaluate-labelled.ts'
import { textTable } from '../../text-table.ts'
import type { LabelledImage } from '../../training/data/labelled-images.ts'
import { leftOutLines } from '../../training/data/left-out-file.ts'
import { refusalLine } from '../../training/data/refused-file.ts'
import { addBackendOptions, type BackendOptions } from '../backend/backend-options.ts'
import { withType } from '../identities/identity-options.ts'
import { filterJson, listed, reportFile } from '../options.ts'
import { EXIT, notify, printResult } from '../terminal.ts'
import type { CollectionChoices } from './collection-evaluation.ts'

interface EvaluateOptions extends BackendOptions, CollectionChoices {
  readonly collection?: string
  readonly labels?: ReadonlySet<string>
  readonly json?: true
  readonly report?: string
  readonly quiet?: true
}

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure how well a model finds images of the same class')
    .description(
      'Asks with every image below FOLDER and searches all the others. The class of an image is the first ' +
        'folder of its path. docs/evaluation.md explains the numbers. With --collection a collection with an identity field is ' +
        'measured instead, by the protocol of Market-1501; docs/identities.md explains that.',
    )
    .argument('[folder]', 'a folder of class folders of images, or a CSV file of path and label')
    .option('--labels <label,label>', 'only these classes', labelSet)
    .option('--collection <name>', 'measure the identities of this collection instead')
    .option('--queries <json>', 'beside --collection: a filter of the records that ask', filterJson)
    .option('--gallery <json>', 'beside --queries: a filter of those that are searched', filterJson)
    .option(
      '--junk <value>',
      'beside --collection: an identity to leave out; again for more',
      listed,
    )
    .option('--json', 'print the result as JSON')
    .option('--report <file>', 'write it with pictures to FILE.html or FILE.md', reportFile)
    .option('--quiet', 'show no progress')
  addBackendOptions(withType(command)).action(run)
}

async function run(folder: string | undefined, options: EvaluateOptions): Promise<void> {
  const { collection, queries, gallery, junk, type, labels, report, quiet, ...others } = options
  if ((folder === undefined) === (collection === undefined)) {
    const got = folder === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected a folder or --collection, got ${got}`)
  }
  if (folder !== undefined) return await evaluateFolder(folder, options)
  if ((labels ?? report) !== undefined) {
    throw new AppError(
      'INVALID_REQUEST',
      'expected --labels and --report beside a folder, got --collection',
    )
  }
  const choices = {
    ...(queries !== undefined && { queries }),
    ...(gallery !== undefined && { gallery }),
    ...(junk !== undefined && { junk }),
    ...(type !== undefined && { type }),
  }
  const { evaluateCollection } = await import('./collection-evaluation.ts')
  await evaluateCollection(collection ?? '', choices, others)
}

async function evaluateFolder(folder: string, options: EvaluateOptions): Promise<void> {
  const { json, report, quiet = false } = options
  const config = loadConfig(process.env, options)
  const { measureGallery } = await import('./gallery-evaluation.ts')
  const { measureLabelled } = await import('./labelled-evaluation.ts')
  const { embedWithModel } = await import('../../training/data/embed-files.ts')
  const { everyFewSeconds, startProgress } = await import('../progress.ts')
  const { checkReportFile, writeReport } = await import('../report/report-file.ts')

  if (report !== undefined) await checkReportFile(report)
  const { images, isGallery, refused: unreadable } = await imagesOf(folder, options.labels ?? null)
  const embedding = { startProgress: (total: number) => startProgress(total, { quiet }) }
  const files = await embedWithModel(images, config, embedding)
  for (const file of files.refused) notify(refusalLine(file))
  if (unreadable + files.refused.length > 0) process.exitCode = EXIT.someRefused
  const showStage = everyFewSeconds(({ stage, done, total }: EvaluationProgress) => {
    notify(`${stage}: ${done} of ${total} ${stage === 'ranking' ? 'images' : 'runs'}`)
  })
  const evaluation = isGallery
    ? await measureGallery(config.model, folder, files)
    : await measureLabelled(config.model, folder, files, quiet ? () => {} : showStage)
  for (const remark of evaluation.remarks) notify(remark)
  if (report !== undefined) await writeReport(report, evaluation.document(), config)
  printResult(json, evaluation.report, () => `${evaluation.line}\n\n${textTable(evaluation.table)}`)
}

/** Lists the images that are evaluated, and reports those that cannot be read. */
async function imagesOf(folder: string, labels: ReadonlySet<string> | null) {
  const { listLabelledImages } = await import('../../training/data/labelled-images.ts')
  const { listCsvImages } = await import('../../training/data/labelled-csv.ts')
  const { checkClassSizes } = await import('../../evaluation/rank-labelled.ts')
  const { numberClasses } = await import('../../evaluation/class-numbers.ts')
  const list = (await isFile(folder)) ? listCsvImages : listLabelledImages
  const { images: listed, unlabelled, leftOut, refused } = await list(folder, labels)
  const { images, isGallery } = evaluatedImages(listed)
  if (unlabelled > 0) {
    const left = unlabelled === 1 ? 'one image that lies' : `${unlabelled} images that lie`
    notify(`left out ${left} in no class folder of ${folder}`)
  }
  for (const line of leftOutLines(leftOut)) notify(line)
  for (const file of refused) notify(refusalLine(file))
  // Before the embedding, which may take hours.
  if (!isGallery) checkClassSizes(numberClasses(images.map(({ label }) => label)).sizes)
  return { images, isGallery, refused: refused.length }
}

/** Chooses among images whose split is given: queries and gallery, or those of the test. @throws INVALID_REQUEST */
function evaluatedImages(images: readonly LabelledImage[]) {
  const splits = new Set(images.map(({ split }) => split))
  const isGallery = splits.has('query') || splits.has('gallery')
  if (isGallery && !(splits.has('query') && splits.has('gallery') && splits.size === 2)) {
    const got = [...splits].join(', ')
    throw new AppError('INVALID_REQUEST', `expected the splits query and gallery, got ${got}`)
  }
  if (isGallery || splits.has(null)) return { images, isGallery }
  return { images: images.filter(({ split }) => split === 'test'), isGallery }
}

/** Parses names separated by commas. A name with a comma in it cannot be given. */
function labelSet(text: string): ReadonlySet<string> {
  const labels = text.split(',')
  if (labels.includes('')) {
    throw new InvalidArgumentError('Expected names of class folders, separated by commas.')
  }
  return new Set(labels)
}
