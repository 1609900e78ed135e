import { AppError, shown } from '../errors.ts'
import { type Comparison, comparison } from './comparison.ts'
import { fieldPath, meetsAt } from './field-path.ts'
import { contradictionOf } from './filter-contradiction.ts'
import type { Metadata, MetadataValue } from './metadata.ts'

type Scalar = string | number | boolean | null

/** A parsed filter, as plain data that can be sent to the thread that evaluates it. */
export type Filter =
  | { readonly kind: 'all' | 'any'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'in'; readonly path: readonly string[]; readonly values: readonly Scalar[] }
  | {
      readonly kind: 'compare'
      readonly path: readonly string[]
      readonly operator: Comparison
      readonly value: string | number
    }
  | { readonly kind: 'exists'; readonly path: readonly string[]; readonly wanted: boolean }

const MAX_FILTER_DEPTH = 32
/** The conditions, values and empty groups of a filter together, unless its reader is told otherwise. */
export const DEFAULT_FILTER_CONDITIONS = 1024
/** Names of a path beyond those that metadata can have below each other count as conditions. */
const FREE_NAMES = 16
/** Characters of all names and values of a filter together. */
const MAX_FILTER_CHARACTERS = 1024 * 1024
/** Characters of a message: a filter that is refused may be long. */
const MAX_MESSAGE_CHARACTERS = 1000
const ALL: Filter = { kind: 'all', filters: [] }
const NONE: Filter = { kind: 'any', filters: [] }

/**
 * Parses an untrusted filter: `$eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not`, a bare value meaning `$eq`. A
 * field name with dots may lead into nested objects (`FieldPath`). Where the metadata holds a list, a condition is met when
 * one element meets it; `$ne` and `$nin` are met when none is equal, and so also where the field is missing.
 *
 * Groups fold: one that is empty, has one member or undoes another costs nothing when the filter is evaluated.
 *
 * @param maxConditions the most conditions, values and empty groups together.
 * @throws INVALID_FILTER that names the member at fault; also past 32 levels, `maxConditions` or 1 MiB of text, and for
 * operators that no value meets together.
 */
export function parseFilter(input: unknown, maxConditions = DEFAULT_FILTER_CONDITIONS): Filter {
  return new FilterParser(maxConditions).group(input, 'filter', 1)
}

class FilterParser {
  readonly #maxConditions: number
  #conditions = 0
  #characters = 0

  constructor(maxConditions: number) {
    this.#maxConditions = maxConditions
  }

  group(input: unknown, at: string, depth: number): Filter {
    checkDepth(depth)
    const members = Object.entries(asObject(input, at))
    if (members.length === 0) this.#count(1)
    const filters = members.map(([name, value]) => {
      const path = `${at}.${name}`
      if (name === '$and') return this.#list('all', value, path, depth)
      if (name === '$or') return this.#list('any', value, path, depth)
      if (name === '$not') return this.#not(value, path, depth)
      if (name.startsWith('$')) throw invalid(`unknown operator ${shown(name)} at ${at}`)
      return this.#field(name, value, path, depth)
    })
    return joined('all', filters)
  }

  #not(value: unknown, at: string, depth: number): Filter {
    const filter = this.group(value, at, depth + 1)
    if (filter === ALL) {
      throw invalid(`expected a condition at ${at}, got none: no record meets its negation`)
    }
    return not(filter)
  }

  #list(kind: 'all' | 'any', value: unknown, at: string, depth: number): Filter {
    if (!Array.isArray(value) || value.length === 0) {
      const got = shown(describe(value))
      throw invalid(`expected a list of at least one filter at ${at}, got ${got}`)
    }
    const filters = value.map((item, i) => this.group(item, `${at}[${i}]`, depth + 1))
    return joined(kind, filters)
  }

  #field(name: string, value: unknown, at: string, depth: number): Filter {
    const path = name.split('.')
    if (name === '') throw invalid(`expected a field name, got ${shown(name)}`)
    this.#countText(name)
    this.#count(Math.max(0, path.length - FREE_NAMES))
    if (isScalar(value)) return this.#equal(path, [value], false)
    const operators = Object.entries(asObject(value, at))
    if (operators.length === 0) throw invalid(`expected an operator at ${at}, got none`)
    const filters = operators.map(([operator, operand]) =>
      this.#operator(path, operator, operand, at, depth),
    )
    const contradiction = contradictionOf(value as object)
    if (contradiction !== null) {
      throw invalid(
        `expected operators at ${at} that one value can meet, got ${contradiction}; to ask different elements of a list, use $and`,
      )
    }
    return joined('all', filters)
  }

  #operator(
    path: readonly string[],
    operator: string,
    operand: unknown,
    at: string,
    depth: number,
  ): Filter {
    const unlike = (wanted: string) =>
      invalid(`${operator} at ${at} expects ${wanted}, got ${describe(operand)}`)
    switch (operator) {
      case '$eq':
      case '$ne':
        if (!isScalar(operand)) throw unlike('a string, number, boolean or null')
        return this.#equal(path, [operand], operator === '$ne')
      case '$in':
      case '$nin':
        if (!Array.isArray(operand) || !operand.every(isScalar)) {
          throw unlike('a list of plain values')
        }
        return this.#equal(path, operand, operator === '$nin')
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        if (typeof operand !== 'number' && typeof operand !== 'string') {
          throw unlike('a number or a string')
        }
        this.#count(1)
        this.#countText(operand)
        return { kind: 'compare', path, operator, value: operand }
      case '$exists':
        if (typeof operand !== 'boolean') throw unlike('true or false')
        this.#count(1)
        return { kind: 'exists', path, wanted: operand }
      case '$not':
        checkDepth(depth + 1)
        return not(this.#field(path.join('.'), operand, at, depth + 1))
      default:
        throw invalid(`unknown operator ${shown(operator)} at ${at}`)
    }
  }

  #equal(path: readonly string[], values: readonly Scalar[], negated: boolean): Filter {
    this.#count(Math.max(1, values.length))
    for (const value of values) this.#countText(value)
    const filter: Filter = { kind: 'in', path, values }
    return negated ? not(filter) : filter
  }

  #count(conditions: number): void {
    this.#conditions += conditions
    if (this.#conditions > this.#maxConditions) {
      throw invalid(`expected at most ${this.#maxConditions} conditions and values, got more`)
    }
  }

  #countText(text: Scalar): void {
    if (typeof text === 'string') this.#characters += text.length
    if (this.#characters > MAX_FILTER_CHARACTERS) {
      throw invalid(
        `expected names and values of at most ${MAX_FILTER_CHARACTERS} characters, got more`,
      )
    }
  }
}

/** Joins filters to the shortest one that is met by the same records. */
function joined(kind: 'all' | 'any', filters: readonly Filter[]): Filter {
  // What decides the group, and what changes nothing in it.
  const [decides, idle] = kind === 'all' ? [NONE, ALL] : [ALL, NONE]
  if (filters.includes(decides)) return decides
  const left = filters.filter((filter) => filter !== idle)
  if (left.length === 0) return idle
  return left.length === 1 ? left[0]! : { kind, filters: left }
}

function not(filter: Filter): Filter {
  if (filter === ALL) return NONE
  if (filter === NONE) return ALL
  return filter.kind === 'not' ? filter.filter : { kind: 'not', filter }
}

/** Counts the names that a filter looks up in one record: what it costs to evaluate, about. */
export function filterCost(filter: Filter): number {
  if (filter.kind === 'not') return filterCost(filter.filter)
  if ('path' in filter) return filter.path.length
  return filter.filters.reduce((sum, one) => sum + filterCost(one), 1)
}

function checkDepth(depth: number): void {
  if (depth <= MAX_FILTER_DEPTH) return
  throw invalid(`expected a filter nested at most ${MAX_FILTER_DEPTH} deep, got more`)
}

/** Compiles a filter into a test of one record's metadata. */
export function compileFilter(filter: Filter): (metadata: Metadata) => boolean {
  switch (filter.kind) {
    case 'all':
    case 'any': {
      const tests = filter.filters.map(compileFilter)
      if (filter.kind === 'all') return (metadata) => tests.every((test) => test(metadata))
      return (metadata) => tests.some((test) => test(metadata))
    }
    case 'not': {
      const test = compileFilter(filter.filter)
      return (metadata) => !test(metadata)
    }
    case 'in': {
      const wanted = new Set<unknown>(filter.values)
      return fieldTest(filter.path, (value) => wanted.has(value))
    }
    case 'compare':
      return fieldTest(filter.path, comparison(filter.operator, filter.value))
    case 'exists': {
      const path = fieldPath(filter.path.join('.'))
      const anything = () => true
      return (metadata) => (meetsAt(metadata, path, anything) === true) === filter.wanted
    }
  }
}

/** Makes the test of whether a value of a field meets `test`, or an element of one that is a list. */
function fieldTest(
  names: readonly string[],
  test: (value: MetadataValue) => boolean,
): (metadata: Metadata) => boolean {
  const path = fieldPath(names.join('.'))
  const testOne = (value: MetadataValue) => (Array.isArray(value) ? value.some(test) : test(value))
  return (metadata) => meetsAt(metadata, path, testOne) === true
}

function asObject(value: unknown, at: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`expected an object at ${at}, got ${describe(value)}`)
  }
  return value
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'an object' : `${typeof value} ${shown(value)}`
}

function invalid(message: string): AppError {
  const isLong = message.length > MAX_MESSAGE_CHARACTERS
  const text = isLong ? `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…` : message
  return new AppError('INVALID_FILTER', text)
}
