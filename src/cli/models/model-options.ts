import { type Command, Option } from 'commander'
import { fraction, integerFrom, rgbShares } from '../options.ts'
import type { ModelWishes } from './describe-model.ts'

const MAX_SIDE = 4096
const MAX_DIMENSIONS = 16_384

/** Adds the options that say what a model's files do not, or say it otherwise. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--width <pixels>', 'of the input', integerFrom(1, MAX_SIDE))
    .option('--height <pixels>', 'of the input', integerFrom(1, MAX_SIDE))
    .addOption(
      new Option('--resize <rule>', 'how an image gets the size of the input').choices([
        ...['stretch', 'centre-crop', 'shortest-edge'],
      ]),
    )
    .option('--crop-fraction <share>', 'of the shorter side that the crop keeps', fraction)
    .addOption(
      new Option('--kernel <name>', 'of the resize; linear unless the files say otherwise').choices(
        [...['nearest', 'linear', 'cubic', 'lanczos3']],
      ),
    )
    .addOption(
      new Option('--colour <order>', 'of channels that the graph wants').choices(['rgb', 'bgr']),
    )
    .option('--mean <r,g,b>', 'to subtract, of values from 0 to 1', rgbShares)
    .option('--std <r,g,b>', 'to divide by, of values from 0 to 1', rgbShares)
    .option('--output <name>', 'of the graph: the embedding')
    .addOption(
      new Option('--pooling <rule>', 'of an output of tokens').choices(['class-token', 'mean']),
    )
    .option('--dimensions <n>', 'of the output', integerFrom(1, MAX_DIMENSIONS))
    .option(
      '--min-dimensions <n>',
      'the first so many are an embedding too (Matryoshka)',
      integerFrom(1, MAX_DIMENSIONS),
    )
    .addOption(
      new Option('--normalise <rule>', 'length of the vectors: l2, unless said').choices([
        'l2',
        'none',
      ]),
    )
}

/** Of all options of a command, those of addModelOptions. */
export function wishesOf(options: ModelWishes): ModelWishes {
  const { width, height, resize, cropFraction, kernel, colour, mean, std } = options
  const { output, pooling, dimensions, minDimensions, normalise } = options
  const wishes = {
    ...{ width, height, resize, cropFraction, kernel, colour, mean, std },
    ...{ output, pooling, dimensions, minDimensions, normalise },
  }
  return Object.fromEntries(
    Object.entries(wishes).filter(([, value]) => value !== undefined),
  ) as ModelWishes
}
