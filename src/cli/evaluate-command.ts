import { type Command, InvalidArgumentError } from 'commander'
import { type Flags, loadConfig } from '../config/config.ts'
import { AppError } from '../errors.ts'
import type { EvaluationProgress } from '../evaluation/evaluate-labelled.ts'
import { plainText, textTable } from '../text-table.ts'
import type { LabelledImage } from '../training/data/labelled-images.ts'
import { refusalLine } from '../training/data/refused-file.ts'
import { EXIT } from './failure.ts'
import { reportFile } from './option-values.ts'
import { addSettings } from './target-options.ts'

type EvaluateOptions = Flags & {
  readonly labels?: ReadonlySet<string>
  readonly json?: true
  readonly report?: string
  readonly quiet?: true
}

// One seed, so that the same images and the same model give the same numbers.
const SEED = 1
const LINE_EVERY_MS = 5000

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure how well a model finds images of the same class')
    .description(
      'Asks with every image below FOLDER and searches all the others. The class of an image is the first ' +
        'folder of its path. docs/evaluation.md explains the numbers.',
    )
    .argument('<folder>', 'a folder of class folders of images, or a CSV file of path and label')
    .option('--labels <label,label>', 'only these classes', labelSet)
    .option('--json', 'print the result as JSON')
    .option('--report <file>', 'write it with pictures to FILE.html or FILE.md', reportFile)
    .option('--quiet', 'show no progress')
  addSettings(command, ['models', 'model', 'provider', 'maxBodyBytes', 'maxPixels']).action(run)
}

async function run(folder: string, options: EvaluateOptions): Promise<void> {
  const { labels = null, json, report, quiet = false, ...flags } = options
  const config = loadConfig(process.env, flags)
  const { listLabelledImages } = await import('../training/data/labelled-images.ts')
  const { listCsvImages } = await import('../training/data/labelled-csv.ts')
  const { isFile } = await import('../adapters/image-files.ts')
  const { galleryLine, galleryTable, measureGallery } = await import('./gallery-evaluation.ts')
  const { embedWithModel } = await import('../training/data/embed-files.ts')
  const { startProgress } = await import('./progress.ts')
  const { evaluateLabelled } = await import('../evaluation/evaluate-labelled.ts')
  const { checkClassSizes } = await import('../evaluation/rank-labelled.ts')
  const { numberClasses } = await import('../evaluation/class-numbers.ts')
  const { evaluationLine, evaluationReport, evaluationTable } = await import(
    './evaluation-report.ts'
  )
  const { checkReportFile, writeReport } = await import('./report/report-file.ts')
  const { evaluationDocument } = await import('./report/evaluation-document.ts')

  if (report !== undefined) await checkReportFile(report)
  const found = (await isFile(folder))
    ? await listCsvImages(folder, labels)
    : await listLabelledImages(folder, labels)
  const { images, isGallery } = asked(found.images)
  if (found.unlabelled > 0) {
    const left =
      found.unlabelled === 1 ? 'one image that lies' : `${found.unlabelled} images that lie`
    say(`left out ${left} in no class folder of ${folder}`)
  }
  for (const file of found.refused) say(refusalLine(file))
  // Before the embedding, which may take hours.
  if (!isGallery) checkClassSizes(numberClasses(images.map(({ label }) => label)).sizes)
  const { embedded, vectors, refused } = await embedWithModel(images, config, {
    startProgress: (total) => startProgress(total, { quiet }),
  })
  for (const file of refused) say(refusalLine(file))
  if (found.refused.length + refused.length > 0) process.exitCode = EXIT.someRefused
  if (isGallery) {
    const { report: measured, queries } = await measureGallery(config.model, embedded, vectors)
    if (report !== undefined) {
      const { galleryDocument } = await import('./report/gallery-document.ts')
      const images = { images: embedded, vectors }
      await writeReport(report, galleryDocument(folder, measured, queries, images), config)
    }
    const { columns, rows } = galleryTable(measured)
    process.stdout.write(
      json === true
        ? `${JSON.stringify(measured, null, 2)}\n`
        : `${galleryLine(measured)}\n\n${textTable(columns, rows)}`,
    )
    return
  }
  const scores = new Map<number, number>()
  const evaluation = await evaluateLabelled(
    vectors,
    embedded.map(({ label }) => label),
    {
      ...{ seed: SEED, ...(quiet ? {} : { onProgress: progressLines() }) },
      onQuery: (query, { mapAtR }) => scores.set(query, mapAtR),
    },
  )
  if (evaluation.alone > 0) {
    const images = evaluation.alone === 1 ? 'one image is' : `${evaluation.alone} images are`
    say(`${images} alone in the class: searched, but not asked with`)
  }
  if (report !== undefined) {
    const images = { images: embedded, vectors, scores }
    await writeReport(report, evaluationDocument(config.model, folder, evaluation, images), config)
  }
  const { columns, rows } = evaluationTable(evaluation)
  process.stdout.write(
    json === true
      ? `${JSON.stringify(evaluationReport(config.model, evaluation), null, 2)}\n`
      : `${evaluationLine(config.model, evaluation)}\n\n${textTable(columns, rows)}`,
  )
}

/**
 * What is evaluated of images whose split is given: queries and gallery, or else those of the test.
 * @throws INVALID_REQUEST for queries without a gallery, and for none to test.
 */
function asked(images: readonly LabelledImage[]) {
  const splits = new Set(images.map(({ split }) => split))
  const isGallery = splits.has('query') || splits.has('gallery')
  if (isGallery && !(splits.has('query') && splits.has('gallery') && splits.size === 2)) {
    const got = [...splits].join(', ')
    throw new AppError('INVALID_REQUEST', `expected the splits query and gallery, got ${got}`)
  }
  if (isGallery || splits.has(null)) return { images, isGallery }
  return { images: images.filter(({ split }) => split === 'test'), isGallery }
}

/** For commander: names separated by commas. A name with a comma in it cannot be given. */
function labelSet(text: string): ReadonlySet<string> {
  const labels = text.split(',')
  if (labels.includes('')) {
    throw new InvalidArgumentError('Expected names of class folders, separated by commas.')
  }
  return new Set(labels)
}

/** The evaluation holds the thread, so that no timer would fire: the calls themselves tell the time. */
function progressLines(): (progress: EvaluationProgress) => void {
  let told = performance.now()
  return ({ stage, done, total }) => {
    if (performance.now() - told < LINE_EVERY_MS) return
    told = performance.now()
    say(`${stage}: ${done} of ${total} ${stage === 'ranking' ? 'images' : 'runs'}`)
  }
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}
