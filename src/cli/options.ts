import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Flags } from '../config/config.ts'
import { flagOf, SETTINGS, type SettingName, variableOf } from '../config/settings.ts'
import { MODEL_NAME } from '../embedding/embedder.ts'
import { parseExactJson } from '../engine/exact-json.ts'
import { parseFilter } from '../engine/filter.ts'
import { AppError } from '../errors.ts'

/** The settings of a command that embeds images by a model, without a data folder. */
export const MODEL_SETTINGS = ['models', 'model', 'provider', 'maxBodyBytes', 'maxPixels'] as const

/** Adds the flags of settings. @param fallbacks the defaults of this command that are not the service's. */
export function addSettings(
  command: Command,
  names: readonly SettingName[],
  fallbacks: Flags = {},
): Command {
  for (const name of names) {
    const { placeholder, about } = SETTINGS[name]
    const found = fallbacks[name] ?? SETTINGS[name].byDefault
    const byDefault = found === null ? '' : `, default ${found}`
    const flag = `${flagOf(name)} <${placeholder.toLowerCase()}>`
    command.option(flag, `${about} (${variableOf(name)}${byDefault})`)
  }
  return command
}

export function choice(flags: string, about: string, values: readonly string[]): Option {
  return new Option(flags, about).choices(values)
}

/** Parses the address of a server: http or https, without user, query and fragment; null for any other text. */
export function baseUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null
  return `${url.username}${url.password}${url.search}${url.hash}` === '' ? url : null
}

// What follows parses values for commander, which puts the message behind the name of the option.

export function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`)
  }
}

/** Parses a number of at least 0, as a distance or a weight. */
export function nonNegative(text: string): number {
  return numberWhere(text, (value) => value >= 0, 'a number of at least 0')
}

/** Parses a number above 0, at most 1. */
export function fraction(text: string): number {
  const value = nonNegative(text)
  return numberWhere(text, () => value > 0 && value <= 1, 'a number above 0, at most 1')
}

/** Parses a number between 0 and 1. */
export function shareBetween(text: string): number {
  return numberWhere(text, (value) => value > 0 && value < 1, 'a number between 0 and 1')
}

/** Parses a number from 0 to 1 for each of red, green and blue, separated by commas. */
export function rgbShares(text: string): readonly number[] {
  const values = text.split(',').map(numberOf)
  if (values.length !== 3 || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError('Expected 3 numbers, separated by commas.')
  }
  const beyond = values.find((value) => value < 0 || value > 1)
  if (beyond === undefined) return values
  const cure = 'divide values from 0 to 255 by 255.'
  throw new InvalidArgumentError(`Expected 3 numbers from 0 to 1, got ${beyond}: ${cure}`)
}

export function modelName(text: string): string {
  if (MODEL_NAME.test(text)) return text
  throw new InvalidArgumentError(
    'Expected 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or digit.',
  )
}

/** Parses a filter of the HTTP contract, and gives it back as written. */
export function filterJson(text: string): object {
  try {
    const filter = parseExactJson(text)
    parseFilter(filter)
    return filter as object
  } catch (error) {
    if (error instanceof AppError) throw new InvalidArgumentError(`${error.message}.`)
    throw new InvalidArgumentError(`Expected JSON, such as {"label": "dogs"}: ${String(error)}.`)
  }
}

export function reportFile(text: string): string {
  if (/\.(html|md)$/i.test(text)) return text
  throw new InvalidArgumentError('Expected a file that ends in .html or .md.')
}

function numberWhere(text: string, fits: (value: number) => boolean, wanted: string): number {
  const value = numberOf(text)
  if (Number.isFinite(value) && fits(value)) return value
  throw new InvalidArgumentError(`Expected ${wanted}.`)
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
