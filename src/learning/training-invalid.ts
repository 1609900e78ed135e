import { AppError } from '../errors.ts'

/** Makes the error of a training that cannot be done. @param message what was expected, and what was given. */
export function trainingInvalid(message: string): AppError {
  return new AppError('TRAINING_INVALID', message)
}
