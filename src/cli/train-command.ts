import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Config, type Flags, loadConfig } from '../config/config.ts'
import { CLIENT_VARIABLES } from '../config/settings.ts'
import { AppError } from '../errors.ts'
import type { Head } from '../learning/graph/graph-options.ts'
import type { HeadsProgress } from '../learning/heads/train-heads.ts'
import type { TrainingRecipe } from '../learning/recipe.ts'
import { plainText, textTable } from '../text-table.ts'
import type { TrainingContext } from '../training/context.ts'
import { refusalLine } from '../training/data/refused-file.ts'
import type { TrainingSource } from '../training/data/source.ts'
import { EXIT } from './failure.ts'
import { integerFrom, modelName, nonNegative, reportFile, shareBetween } from './option-values.ts'
import { addSettings } from './target-options.ts'
import type { PointTold } from './train-remotely.ts'

type ObjectiveName = TrainingRecipe['objective']['kind']

type TrainOptions = Flags &
  Partial<Pick<TrainingRecipe, 'dimensions' | 'seed' | 'steps' | 'testShare'>> & {
    readonly objective?: ObjectiveName
    readonly name?: string
    readonly head?: Head['kind']
    readonly learners?: number
    readonly learntMasks?: true
    readonly jrd?: number
    readonly easyPositive?: true
    readonly recipe?: string
    readonly collection?: string
    readonly field?: string
    readonly url?: string
    readonly apiKey?: string
    readonly compare?: readonly ObjectiveName[]
    readonly seeds?: number
    readonly force?: true
    readonly json?: true
    readonly report?: string
    readonly quiet?: true
  }

const OBJECTIVES = [
  ...(['contrastive', 'triplet', 'margin', 'lifted', 'n-pairs'] as const),
  ...(['info-nce', 'multi-similarity', 'am-softmax', 'arcface', 'proxy-anchor'] as const),
] satisfies readonly ObjectiveName[]
const MAX_SEED = 2 ** 31 - 1

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .summary('train a head on labelled images, and make a model of it')
    .description(
      'Trains on the images below FOLDER, whose first folders are their classes, and writes a model that ' +
        '`--model NAME` serves. Part of the classes is kept apart to choose by and to test on. Where training ' +
        'does not help beyond doubt, the model is the backbone as it is. docs/learning.md explains the numbers.',
    )
    .argument('[folder]', 'a folder of class folders of images, or a CSV file with path and label')
    .option('--collection <name>', 'its vectors instead of a folder; no image is touched')
    .option('--field <field>', 'of its metadata: the label')
    .option('--url <url>', `a running service that trains (default: ${CLIENT_VARIABLES.url})`)
    .option('--api-key <secret>', `its key (default: ${CLIENT_VARIABLES.apiKey})`)
    .option('--name <name>', 'of the model that is made', modelName)
    .addOption(new Option('--objective <name>', 'what training minimises').choices(OBJECTIVES))
    .option('--recipe <file>', 'YAML or JSON with these choices and more; options here win')
    .addOption(new Option('--head <kind>', 'what is trained').choices(['linear', 'mlp']))
    .option('--learners <k>', 'divide and conquer: learners on clusters', integerFrom(2, 1024))
    .option('--learnt-masks', 'learners share all dimensions by learnt masks, not slices')
    .option('--jrd <weight>', 'add the JRD regulariser; with proxies', nonNegative)
    .option('--easy-positive', 'only the nearest positive of each image counts; without proxies')
    .option('--dimensions <n>', 'of the head (512)', integerFrom(1, 16_384))
    .option('--seed <n>', 'of split, training and intervals (1)', integerFrom(0, MAX_SEED))
    .option('--test-share <share>', 'of the classes, to test on (0.5)', shareBetween)
    .option('--steps <n>', 'of the training at most (200)', integerFrom(1, 100_000))
    .option('--compare <a,b>', 'no model: these objectives, side by side', objectiveNames)
    .option('--seeds <n>', 'of the comparison, from --seed on (5)', integerFrom(2, 100))
    .option('--force', 'replace a model of that name')
    .option('--json', 'print the result as JSON')
    .option(
      '--report <file>',
      'write it with curves and pictures to FILE.html or FILE.md',
      reportFile,
    )
    .option('--quiet', 'show no progress')
  addSettings(command, [
    ...(['data', 'models', 'model', 'provider'] as const),
    ...(['maxBodyBytes', 'maxPixels'] as const),
  ]).action(run)
}

async function run(folder: string | undefined, options: TrainOptions): Promise<void> {
  const config = loadConfig(process.env, settingsOf(options))
  checkSource(folder, options)
  const recipe = await chosenRecipe(options)
  const interrupted = new AbortController()
  const stop = () => {
    say('stopping; again to stop at once')
    interrupted.abort()
  }
  // Once: the second Ctrl-C meets the default, which ends the process.
  process.once('SIGINT', stop)
  try {
    const quiet = options.quiet === true
    const { startProgress } = await import('./progress.ts')
    const context = {
      onNote: say,
      signal: interrupted.signal,
      onProgress: quiet ? () => {} : sayProgress,
      startProgress: (total: number) => startProgress(total, { quiet }),
    }
    const { checkReportFile, writeReport } = await import('./report/report-file.ts')
    if (options.report !== undefined) await checkReportFile(options.report)
    const done = await result(folder, recipe, options, config, context)
    const { report, text, refused, document } = done
    if (options.report !== undefined && document !== null) {
      await writeReport(options.report, document, config)
    }
    for (const file of refused) say(refusalLine(file))
    process.stdout.write(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : text)
    if (refused.length > 0) process.exitCode = EXIT.someRefused
  } finally {
    process.off('SIGINT', stop)
  }
}

async function chosenRecipe(options: TrainOptions): Promise<TrainingRecipe> {
  const { readRecipe } = await import('./recipe-file.ts')
  const { HIDDEN_UNITS, recipeOf } = await import('../learning/recipe.ts')
  const { head, learners, learntMasks, jrd, easyPositive, compare = [] } = options
  const file = options.recipe === undefined ? {} : await readRecipe(options.recipe)
  const [compared] = compare
  const objective =
    options.objective === undefined
      ? (file.objective ?? (compared === undefined ? undefined : { kind: compared }))
      : { kind: options.objective }
  if (objective === undefined) throw wrongUsage('an --objective, or a --recipe with one')
  if (learntMasks === true && learners === undefined) throw wrongUsage('--learners K')
  const { dimensions, seed, steps, testShare } = options
  return recipeOf(objective, file, {
    ...(head === undefined
      ? {}
      : { head: head === 'mlp' ? { kind: head, hidden: HIDDEN_UNITS } : { kind: head } }),
    ...(learners === undefined
      ? {}
      : { learners: { kind: learntMasks === true ? 'masks' : 'slices', count: learners } }),
    ...(jrd === undefined ? {} : { jrd: { weight: jrd } }),
    ...(easyPositive === true ? { easyPositives: true } : {}),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(seed === undefined ? {} : { seed }),
    ...(steps === undefined ? {} : { steps }),
    ...(testShare === undefined ? {} : { testShare }),
  })
}

/** @throws INVALID_REQUEST unless it is a folder, or a collection with its field; a service only trains. */
function checkSource(folder: string | undefined, options: TrainOptions): void {
  const { collection, field, url, apiKey, compare: compared } = options
  if ((folder === undefined) === (collection === undefined)) {
    const got = folder === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected a folder or --collection, got ${got}`)
  }
  if (collection !== undefined && field === undefined) throw wrongUsage('--field with the label')
  if (collection === undefined && (field ?? url ?? apiKey) !== undefined) {
    throw wrongUsage('--collection beside --field, --url and --api-key')
  }
  if (url !== undefined && (compared !== undefined || options.data !== undefined)) {
    const got = compared === undefined ? '--data' : '--compare'
    throw new AppError('INVALID_REQUEST', `expected --url alone, got it beside ${got}`)
  }
}

async function result(
  folder: string | undefined,
  recipe: TrainingRecipe,
  options: TrainOptions,
  config: Config,
  context: TrainingContext,
) {
  const { collection, field = '', data, compare: compared } = options
  const work = compared === undefined ? train : compare
  if (collection === undefined) {
    const { imageSource } = await import('../training/data/source.ts')
    return await work(await imageSource(folder ?? ''), recipe, options, config, context)
  }
  const known = data === undefined && compared === undefined
  const url = options.url ?? (known ? process.env[CLIENT_VARIABLES.url] : undefined)
  if (url !== undefined)
    return await trainByService(url, recipe, options, {
      ...context,
      onPoint: options.quiet === true ? () => {} : sayPoint,
    })
  const { collectionSource } = await import('./collection-source.ts')
  const { source, model } = await collectionSource(config, { collection, field }, context)
  return await work(source, recipe, options, { ...config, model }, context)
}

async function trainByService(
  url: string,
  recipe: TrainingRecipe,
  { name, force, collection = '', field = '', apiKey, report: file }: TrainOptions,
  context: TrainingContext & { readonly onPoint: typeof sayPoint },
) {
  if (file !== undefined) {
    throw new AppError('INVALID_REQUEST', 'expected no --report of a training by a service')
  }
  if (name === undefined) throw wrongUsage('a --name of the model that is made')
  const { trainRemotely } = await import('./train-remotely.ts')
  const { trainingTable } = await import('../training/export/training-report.ts')
  const key = apiKey ?? process.env[CLIENT_VARIABLES.apiKey] ?? null
  const place = { url, apiKey: key, name, replace: force === true, collection, field }
  const { report, refused } = await trainRemotely({ ...place, recipe }, context)
  say(`the service at ${url} has the model ${name}`)
  return { report, text: trainingTable(report), refused, document: null }
}

async function train(
  source: TrainingSource,
  recipe: TrainingRecipe,
  { name, force }: TrainOptions,
  config: Config,
  context: TrainingContext,
) {
  if (name === undefined) throw wrongUsage('a --name of the model that is made')
  const { trainInThread } = await import('../training/run/train-in-thread.ts')
  const { trainingTable } = await import('../training/export/training-report.ts')
  const { trainingDocument } = await import('./report/training-document.ts')
  const request = { source, recipe, name, force: force === true }
  const options = { givesWay: false }
  const trained = await trainInThread(request, config, context, options)
  say(`wrote ${trained.place}`)
  const document = trainingDocument(config.model, trained)
  const { report, refused } = trained
  return { report, text: trainingTable(report), refused, document }
}

async function compare(
  source: TrainingSource,
  recipe: TrainingRecipe,
  { compare: objectives = [], seeds = 5, quiet }: TrainOptions,
  config: Config,
  context: TrainingContext,
) {
  const { compareObjectives } = await import('./compare-objectives.ts')
  const { comparisonLine, comparisonTable } = await import('./comparison-report.ts')
  const request = { source, recipe, objectives, seeds }
  const { report, refused } = await compareObjectives(request, config, {
    ...context,
    onRun: quiet === true ? () => {} : say,
  })
  const [line, table] = [comparisonLine(report), comparisonTable(report)]
  const document = {
    ...{ title: 'Objectives compared', facts: [line], table, notes: [], charts: [] },
    examples: null,
  }
  const text = `${line}\n\n${textTable(table.columns, table.rows)}`
  return { report, text, refused, document }
}

/** Of all options of the command, those that are settings. */
function settingsOf({ data, models, model, provider, maxBodyBytes, maxPixels }: Flags): Flags {
  const flags = { data, models, model, provider, maxBodyBytes, maxPixels }
  return Object.fromEntries(Object.entries(flags).filter(([, text]) => text !== undefined))
}

/** For commander. */
function objectiveNames(text: string): ObjectiveName[] {
  const names = [...new Set(text.split(','))]
  const known = names.filter((name) => OBJECTIVES.includes(name as ObjectiveName))
  if (known.length === names.length && names.length > 0) return known as ObjectiveName[]
  throw new InvalidArgumentError(`Expected objectives of ${OBJECTIVES.join(', ')}, with commas.`)
}

function wrongUsage(expected: string): AppError {
  return new AppError('INVALID_REQUEST', `expected ${expected}, got none`)
}

function sayPoint({ head, start, step, loss, mapAtR }: PointTold): void {
  const judged = mapAtR === null ? '' : `, validation MAP@R ${mapAtR.toFixed(4)}`
  say(`head ${head} (${start}), step ${step}: loss ${loss.toFixed(4)}${judged}`)
}

function sayProgress({ head, heads, start, step, steps, loss, mapAtR }: HeadsProgress): void {
  const judged = mapAtR === null ? '' : `, validation MAP@R ${mapAtR.toFixed(4)}`
  say(
    `head ${head} of ${heads} (${start}), step ${step} of ${steps}: loss ${loss.toFixed(4)}${judged}`,
  )
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}
