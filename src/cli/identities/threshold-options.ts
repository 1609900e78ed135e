import type { Command } from 'commander'
import { AppError } from '../../errors.ts'
import { nonNegative } from '../options.ts'

export interface ThresholdOptions {
  readonly known?: number
  readonly unknown?: number
}

export function addThresholds(command: Command): void {
  command
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
