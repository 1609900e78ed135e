import type { Command } from 'commander'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import { AppError } from '../../errors.ts'
import { choice, nonNegative } from '../options.ts'

export interface ThresholdOptions {
  readonly distance?: string
  readonly known?: number
  readonly unknown?: number
}

/** Adds the options by which it is decided who somebody is. */
export function addThresholds(command: Command): void {
  command
    .addOption(
      choice(
        '--distance <kind>',
        'to an identity (default: the calibrated one)',
        IDENTITY_DISTANCES,
      ),
    )
    .option('--known <distance>', 'who is within it is known; beside --unknown', nonNegative)
    .option('--unknown <distance>', 'who is beyond it is unknown; beside --known', nonNegative)
}

/** @throws INVALID_REQUEST for one threshold without the other. */
export function thresholdsOf({ known, unknown }: ThresholdOptions) {
  if (known === undefined && unknown === undefined) return undefined
  if (known !== undefined && unknown !== undefined) return { known, unknown }
  const got = known === undefined ? '--unknown' : '--known'
  throw new AppError('INVALID_REQUEST', `expected --known and --unknown or neither, got ${got}`)
}
