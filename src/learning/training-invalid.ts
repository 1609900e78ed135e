import { AppError } from '../errors.ts'

/** Makes the error of a training that cannot be done. */
export function trainingInvalid(wanted: string, got: unknown): AppError {
  return new AppError('TRAINING_INVALID', `expected ${wanted}, got ${got}`)
}
