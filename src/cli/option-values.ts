import { InvalidArgumentError } from 'commander'
import { MODEL_NAME } from '../embedding/embedder.ts'
import { parseFilter } from '../engine/filter.ts'
import { AppError } from '../errors.ts'

/** A parser for commander: an integer of the range. */
export function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`)
  }
}

/** A parser for commander: a number of at least 0, as a distance or a weight. */
export function nonNegative(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value
  throw new InvalidArgumentError('Expected a number of at least 0.')
}

/** A parser for commander: a number above 0, at most 1. */
export function fraction(text: string): number {
  const value = nonNegative(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 1.')
}

/** A parser for commander: a number for each of red, green and blue. */
export function threeNumbers(text: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (values.length === 3 && values.every(Number.isFinite)) return values
  throw new InvalidArgumentError('Expected 3 numbers, separated by commas.')
}

/** A parser for commander: the name of a bundle. */
export function modelName(text: string): string {
  if (MODEL_NAME.test(text)) return text
  throw new InvalidArgumentError(
    'Expected 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or digit.',
  )
}

/** A parser for commander: a number between 0 and 1. */
export function shareBetween(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value < 1) return value
  throw new InvalidArgumentError('Expected a number between 0 and 1.')
}

/** A parser for commander: a filter of the contract, given back as written. */
export function filterJson(text: string): object {
  try {
    const filter: object = JSON.parse(text)
    parseFilter(filter)
    return filter
  } catch (error) {
    if (error instanceof AppError) throw new InvalidArgumentError(`${error.message}.`)
    throw new InvalidArgumentError(`Expected JSON, such as {"label": "dogs"}: ${String(error)}.`)
  }
}

/** A parser for commander: where a report is written. */
export function reportFile(text: string): string {
  if (/\.(html|md)$/i.test(text)) return text
  throw new InvalidArgumentError('Expected a file that ends in .html or .md.')
}
