import { AppError } from '../errors.ts'

/** Gives the vector where it is an embedding, else the error NO_USABLE_EMBEDDING. */
export function usableEmbedding(vector: Float32Array): Float32Array | AppError {
  const bad = vector.find((value) => !Number.isFinite(value))
  if (bad === undefined && vector.some((value) => value !== 0)) return vector
  const got = bad === undefined ? 'only zeros' : String(bad)
  const message = `expected an embedding of finite numbers with a direction, got ${got}`
  return new AppError('NO_USABLE_EMBEDDING', message)
}
