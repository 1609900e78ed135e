import { type Command, Option } from 'commander'
import { type Flags, loadConfig } from '../config.ts'
import { EXIT } from './failure.ts'
import { integerFrom, modelName, nonNegative } from './option-values.ts'
import { refusalLine } from './refused-file.ts'
import { addSettings } from './target-options.ts'
import { plainText } from './text-table.ts'
import type { TrainRequest } from './train-folder.ts'

type TrainOptions = Flags &
  Pick<TrainRequest, 'objective' | 'name' | 'dimensions' | 'seed' | 'steps'> & {
    readonly jrd?: number
    readonly easyPositive?: true
    readonly force?: true
    readonly json?: true
    readonly quiet?: true
  }

const OBJECTIVES = [
  ...(['contrastive', 'triplet', 'margin', 'lifted', 'n-pairs'] as const),
  ...(['info-nce', 'multi-similarity', 'am-softmax', 'arcface', 'proxy-anchor'] as const),
] satisfies readonly TrainRequest['objective'][]
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
    .argument('<folder>', 'a folder of class folders of images')
    .addOption(
      new Option('--objective <name>', 'what training minimises')
        .choices(OBJECTIVES)
        .makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'of the model that is made', modelName)
    .addOption(new Option('--head <kind>', 'what is trained').choices(['linear']).default('linear'))
    .option('--jrd <weight>', 'add the JRD regulariser; with proxies', nonNegative)
    .option('--easy-positive', 'only the nearest positive of each image counts; without proxies')
    .option('--dimensions <n>', 'of the head', integerFrom(1, 16_384), 512)
    .option('--seed <n>', 'of split, training and intervals', integerFrom(0, MAX_SEED), 1)
    .option('--steps <n>', 'of the training at most', integerFrom(1, 100_000), 300)
    .option('--force', 'replace a model of that name')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'show no progress')
  addSettings(command, [
    ...(['data', 'models', 'model', 'provider'] as const),
    ...(['maxBodyBytes', 'maxPixels'] as const),
  ]).action(run)
}

async function run(folder: string, options: TrainOptions): Promise<void> {
  const { objective, easyPositive, jrd = null, name, dimensions, seed, steps } = options
  const { force, json, quiet = false, ...flags } = options
  const config = loadConfig(process.env, settingsOf(flags))
  const { trainFolder } = await import('./train-folder.ts')
  const { trainingTable } = await import('./training-report.ts')
  const interrupted = new AbortController()
  const stop = () => {
    say('stopping; again to stop at once')
    interrupted.abort()
  }
  // Once: the second Ctrl-C meets the default, which ends the process.
  process.once('SIGINT', stop)
  try {
    const request = {
      ...{ folder, objective, jrd, name, dimensions, seed, steps },
      easyPositives: easyPositive === true,
      force: force === true,
    }
    const { report, refused } = await trainFolder(request, config, {
      ...{ quiet, say, signal: interrupted.signal },
    })
    for (const file of refused) say(refusalLine(file))
    process.stdout.write(
      json === true ? `${JSON.stringify(report, null, 2)}\n` : trainingTable(report),
    )
    if (refused.length > 0) process.exitCode = EXIT.someRefused
  } finally {
    process.off('SIGINT', stop)
  }
}

/** Of all options of the command, those that are settings. */
function settingsOf({ data, models, model, provider, maxBodyBytes, maxPixels }: Flags): Flags {
  const flags = { data, models, model, provider, maxBodyBytes, maxPixels }
  return Object.fromEntries(Object.entries(flags).filter(([, text]) => text !== undefined))
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}
