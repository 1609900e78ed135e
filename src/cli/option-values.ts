import { InvalidArgumentError } from 'commander'
import { parseFilter } from '../collection/filter.ts'
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
