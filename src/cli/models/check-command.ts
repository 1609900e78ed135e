import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { EXAMPLES_FOLDER } from '../../adapters/shipped-examples.ts'
import { type Flags, loadConfig } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { left, plainLines, right, textTable } from '../../text-table.ts'
import { addSettings } from '../options.ts'
import { EXIT, printResult } from '../terminal.ts'
import type { ModelCheck } from './check-model.ts'

/** Two drawings each of four things: the drawings of a thing should be near each other. */
const REFERENCE = [
  'animal-mammal/fox_face',
  'food-fruit/cherries',
  'transport-air/rocket',
  'sport/golf',
]
const DRAWINGS = ['google', 'twitter']
const MOST_IMAGES = 64
const SHOWN_DISTANCES = 10

export function addCheckCommand(models: Command): void {
  const command = models
    .command('check')
    .summary('embed reference images and look at the vectors')
    .description(
      'Embeds images one by one and in pairs, and tells distances, lengths and speed. Exit status 1 when the model is not sound.',
    )
    .argument('<name>', 'a model')
    .argument('[images...]', `2 to ${MOST_IMAGES} images (default: some of examples/emoji)`)
    .option('--json', 'print it as JSON')
  addSettings(command, ['models', 'provider', 'maxBodyBytes', 'maxPixels']).action(run)
}

async function run(
  name: string,
  given: readonly string[],
  options: Flags & { readonly json?: true },
): Promise<void> {
  const config = loadConfig(process.env, options)
  const paths = given.length === 0 ? referenceImages() : given
  if (paths.length < 2 || paths.length > MOST_IMAGES) {
    const message = `expected 2 to ${MOST_IMAGES} images, got ${paths.length}`
    throw new AppError('INVALID_REQUEST', message)
  }
  const { checkModel } = await import('./check-model.ts')
  const check = await checkModel(bundleFolder(config, name), paths, config)
  printResult(options.json, check, () => textOf(check))
  if (check.faults.length > 0) process.exitCode = EXIT.failed
}

function referenceImages(): readonly string[] {
  const paths = REFERENCE.flatMap((thing) =>
    DRAWINGS.map((drawing) => join(EXAMPLES_FOLDER, `${thing}.${drawing}.png`)),
  )
  if (paths.every((path) => existsSync(path))) return paths
  throw new AppError(
    'INVALID_REQUEST',
    `expected images to check with, as ${EXAMPLES_FOLDER} is not there`,
  )
}

function textOf(check: ModelCheck): string {
  const { model, provider, dimensions, images, lengths, batchDifference, distances } = check
  const { decode, alone, inPairs } = check.milliseconds
  const rows = distances.map(({ a, b, distance }) => [distance.toFixed(4), a, b])
  const shown =
    rows.length <= 2 * SHOWN_DISTANCES
      ? rows
      : [...rows.slice(0, SHOWN_DISTANCES), ['…', '', ''], ...rows.slice(-SHOWN_DISTANCES)]
  const range = `${lengths.least.toFixed(4)} to ${lengths.most.toFixed(4)}`
  const faults = check.faults.map((fault) => `fault: ${fault}\n`).join('')
  return plainLines(`${model}: ${dimensions} numbers by ${provider}, ${images.length} images
lengths ${range}; alone and in a batch of two differ by ${batchDifference.toExponential(1)} at most
an image: decoded in ${decode.toFixed(1)} ms, embedded in ${alone.toFixed(1)} ms, in pairs ${inPairs.toFixed(1)} ms

${textTable({ columns: [right('distance'), left('between'), left('and')], rows: shown })}
${faults || 'sound\n'}`)
}
