import { type Command, InvalidArgumentError } from 'commander'
import type { Flags } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import type { Head } from '../../learning/graph/graph-options.ts'
import { OBJECTIVE_DEFAULTS } from '../../learning/losses/objective.ts'
import { MAX_VIEWS } from '../../learning/read-recipe.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { addServiceOptions } from '../backend/backend-options.ts'
import {
  addSettings,
  choice,
  integerFrom,
  MODEL_SETTINGS,
  modelName,
  nonNegative,
  reportFile,
  shareBetween,
} from '../options.ts'

type ObjectiveName = TrainingRecipe['objective']['kind']

export interface TrainOptions extends Flags {
  readonly collection?: string
  readonly field?: string
  readonly url?: string
  readonly apiKey?: string
  readonly name?: string
  readonly objective?: ObjectiveName
  readonly recipe?: string
  readonly head?: Head['kind']
  readonly learners?: number
  readonly learntMasks?: true
  readonly jrd?: number
  readonly easyPositive?: true
  readonly dimensions?: number
  readonly seed?: number
  readonly testShare?: number
  readonly steps?: number
  readonly views?: number
  readonly compare?: readonly ObjectiveName[]
  readonly seeds?: number
  readonly force?: true
  readonly json?: true
  readonly report?: string
  readonly quiet?: true
}

const OBJECTIVES = Object.keys(OBJECTIVE_DEFAULTS) as ObjectiveName[]
const MAX_SEED = 2 ** 31 - 1

export function addTrainOptions(command: Command): Command {
  command
    .argument('[folder]', 'a folder of class folders of images, or a CSV file with path and label')
    .option('--collection <name>', 'its vectors instead of a folder; no image is touched')
    .option('--field <field>', 'of its metadata: the label')
  addServiceOptions(command, 'a running service that trains')
    .option('--name <name>', 'of the model that is made', modelName)
    .addOption(choice('--objective <name>', 'what training minimises', OBJECTIVES))
    .option('--recipe <file>', 'YAML or JSON with these choices and more; options here win')
    .addOption(choice('--head <kind>', 'what is trained', ['linear', 'mlp']))
    .option('--learners <k>', 'divide and conquer: learners on clusters', integerFrom(2, 1024))
    .option('--learnt-masks', 'learners share all dimensions by learnt masks, not slices')
    .option('--jrd <weight>', 'add the JRD regulariser; with proxies', nonNegative)
    .option('--easy-positive', 'only the nearest positive of each image counts; without proxies')
    .option('--dimensions <n>', 'of the head (512)', integerFrom(1, 16_384))
    .option('--seed <n>', 'of split, training and intervals (1)', integerFrom(0, MAX_SEED))
    .option('--test-share <share>', 'of the classes, to test on (0.5)', shareBetween)
    .option('--views <n>', 'of each image, to learn from (1)', integerFrom(1, MAX_VIEWS))
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
  return addSettings(command, ['data', ...MODEL_SETTINGS])
}

/** Checks the options, and joins them with the recipe file; they win. @throws INVALID_REQUEST */
export async function checkedRecipe(
  folder: string | undefined,
  options: TrainOptions,
): Promise<TrainingRecipe> {
  checkSource(folder, options)
  const { readRecipe } = await import('./recipe-file.ts')
  const { HIDDEN_UNITS, recipeOf } = await import('../../learning/recipe.ts')
  const {
    head,
    learners,
    learntMasks,
    jrd,
    easyPositive,
    dimensions,
    seed,
    steps,
    testShare,
    views,
  } = options
  const file = options.recipe === undefined ? {} : await readRecipe(options.recipe)
  const named =
    options.objective ?? (file.objective === undefined ? options.compare?.[0] : undefined)
  const objective = named === undefined ? file.objective : { kind: named }
  if (objective === undefined) throw missing('an --objective, or a --recipe with one')
  if (learntMasks === true && learners === undefined) throw missing('--learners K')
  const chosen = {
    head: head === 'mlp' ? { kind: head, hidden: HIDDEN_UNITS } : head && { kind: head },
    learners: learners && { kind: learntMasks === true ? 'masks' : 'slices', count: learners },
    jrd: jrd === undefined ? undefined : { weight: jrd },
    easyPositives: easyPositive,
    dimensions,
    seed,
    steps,
    views,
    testShare,
  }
  // Members that are undefined are left out.
  return recipeOf(objective, file, chosen as Partial<TrainingRecipe>)
}

/** @throws INVALID_REQUEST unless it is a folder, or a collection with its field; a service only trains. */
function checkSource(folder: string | undefined, options: TrainOptions): void {
  const { collection, field, url, apiKey, compare, data } = options
  if ((folder === undefined) === (collection === undefined)) {
    const got = folder === undefined ? 'neither' : 'both'
    throw new AppError('INVALID_REQUEST', `expected a folder or --collection, got ${got}`)
  }
  if (collection !== undefined && field === undefined) throw missing('--field with the label')
  if (collection === undefined && (field ?? url ?? apiKey) !== undefined) {
    throw missing('--collection beside --field, --url and --api-key')
  }
  if (url !== undefined && (compare !== undefined || data !== undefined)) {
    const got = compare === undefined ? '--data' : '--compare'
    throw new AppError('INVALID_REQUEST', `expected --url alone, got it beside ${got}`)
  }
}

export function missing(expected: string): AppError {
  return new AppError('INVALID_REQUEST', `expected ${expected}, got none`)
}

function objectiveNames(text: string): ObjectiveName[] {
  const names = [...new Set(text.split(','))]
  const known = names.filter((name) => OBJECTIVES.includes(name as ObjectiveName))
  if (known.length === names.length && names.length > 0) return known as ObjectiveName[]
  throw new InvalidArgumentError(`Expected objectives of ${OBJECTIVES.join(', ')}, with commas.`)
}
