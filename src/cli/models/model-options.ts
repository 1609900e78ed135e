import { Command } from 'commander'
import type { OutputOverrides } from '../../embedding/choose-tensors.ts'
import type { ModelBundle } from '../../embedding/model-bundle.ts'
import type { Preprocessing } from '../../embedding/preprocessor-config.ts'
import { choice, fraction, integerFrom, rgbShares } from '../options.ts'

/** The user's description of a model; each member wins over what its files say. */
export interface ModelOverrides
  extends OutputOverrides,
    Partial<Omit<Preprocessing, 'mean' | 'std'>> {
  /** The mean and the deviation of values from 0 to 1, as training code has them. */
  readonly mean?: readonly number[]
  readonly std?: readonly number[]
  readonly normalise?: ModelBundle['output']['normalise']
  readonly minDimensions?: number
}

const MAX_SIDE = 4096
const MAX_DIMENSIONS = 16_384
const RESIZE_RULES = ['stretch', 'centre-crop', 'shortest-edge']
const KERNELS = ['nearest', 'linear', 'cubic', 'lanczos3']

/** Adds the options that say what a model's files do not, or say it otherwise. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--width <pixels>', 'of the input', integerFrom(1, MAX_SIDE))
    .option('--height <pixels>', 'of the input', integerFrom(1, MAX_SIDE))
    .addOption(choice('--resize <rule>', 'how an image gets the size of the input', RESIZE_RULES))
    .option('--crop-fraction <share>', 'of the shorter side that the crop keeps', fraction)
    .addOption(
      choice('--kernel <name>', 'of the resize; linear unless the files say otherwise', KERNELS),
    )
    .addOption(choice('--colour <order>', 'of channels that the graph wants', ['rgb', 'bgr']))
    .option('--mean <r,g,b>', 'to subtract, of values from 0 to 1', rgbShares)
    .option('--std <r,g,b>', 'to divide by, of values from 0 to 1', rgbShares)
    .option('--output <name>', 'of the graph: the embedding')
    .addOption(choice('--pooling <rule>', 'of an output of tokens', ['class-token', 'mean']))
    .option('--dimensions <n>', 'of the output', integerFrom(1, MAX_DIMENSIONS))
    .option(
      '--min-dimensions <n>',
      'the first so many are an embedding too (Matryoshka)',
      integerFrom(1, MAX_DIMENSIONS),
    )
    .addOption(
      choice('--normalise <rule>', 'length of the vectors: l2, unless said', ['l2', 'none']),
    )
}

const NAMES = addModelOptions(new Command()).options.map((option) => option.attributeName())

/** Picks those of addModelOptions among all options of a command, in their order. */
export function overridesOf(options: ModelOverrides): ModelOverrides {
  const members = Object.entries(options).filter(([name]) => NAMES.includes(name))
  return Object.fromEntries(members.sort(([a], [b]) => NAMES.indexOf(a) - NAMES.indexOf(b)))
}
