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
const MAX_FILTER_CONDITIONS = 1024

/**
 * Parses an untrusted filter: `$eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not`, a bare value meaning `$eq`. A
 * field name with dots may lead into nested objects (`FieldPath`). Where the metadata holds a list, a condition is met when
 * one element meets it; `$ne` and `$nin` are met when none is equal, and so also where the field is missing.
 *
 * @throws INVALID_FILTER that names the member at fault; also past 32 levels or 1,024 conditions, and for operators that
 * no value meets together.
 */
export function parseFilter(input: unknown): Filter {
  return new FilterParser().group(input, 'filter', 1)
}

class FilterParser {
  #conditions = 0

  group(input: unknown, at: string, depth: number): Filter {
    checkDepth(depth)
    const filters = Object.entries(asObject(input, at)).map(([name, value]) => {
      const path = `${at}.${name}`
      if (name === '$and') return this.#list('all', value, path, depth)
      if (name === '$or') return this.#list('any', value, path, depth)
      if (name === '$not') return this.#not(value, path, depth)
      if (name.startsWith('$')) throw invalid(`unknown operator ${shown(name)} at ${at}`)
      return this.#field(name, value, path, depth)
    })
    if (filters.length === 1) return filters[0]!
    const group: Filter = { kind: 'all', filters }
    // An empty group is evaluated like a condition.
    return filters.length === 0 ? this.#count(group) : group
  }

  #not(value: unknown, at: string, depth: number): Filter {
    const filter = this.group(value, at, depth + 1)
    const isEmpty = filter.kind === 'all' && filter.filters.length === 0
    if (isEmpty)
      throw invalid(`expected a condition at ${at}, got none: no record meets its negation`)
    return { kind: 'not', filter }
  }

  #list(kind: 'all' | 'any', value: unknown, at: string, depth: number): Filter {
    if (!Array.isArray(value) || value.length === 0) {
      const got = shown(describe(value))
      throw invalid(`expected a list of at least one filter at ${at}, got ${got}`)
    }
    return { kind, filters: value.map((item, i) => this.group(item, `${at}[${i}]`, depth + 1)) }
  }

  #field(name: string, value: unknown, at: string, depth: number): Filter {
    const path = name.split('.')
    if (name === '') throw invalid(`expected a field name, got ${shown(name)}`)
    if (isScalar(value)) return this.#count({ kind: 'in', path, values: [value] })
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
    return filters.length === 1 ? filters[0]! : { kind: 'all', filters }
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
        return this.#count({ kind: 'compare', path, operator, value: operand })
      case '$exists':
        if (typeof operand !== 'boolean') throw unlike('true or false')
        return this.#count({ kind: 'exists', path, wanted: operand })
      case '$not':
        checkDepth(depth + 1)
        return { kind: 'not', filter: this.#field(path.join('.'), operand, at, depth + 1) }
      default:
        throw invalid(`unknown operator ${shown(operator)} at ${at}`)
    }
  }

  #equal(path: readonly string[], values: readonly Scalar[], negated: boolean): Filter {
    const filter = this.#count({ kind: 'in', path, values })
    return negated ? { kind: 'not', filter } : filter
  }

  #count(filter: Filter): Filter {
    this.#conditions += filter.kind === 'in' ? Math.max(1, filter.values.length) : 1
    if (this.#conditions > MAX_FILTER_CONDITIONS) {
      throw invalid(`expected at most ${MAX_FILTER_CONDITIONS} conditions and values, got more`)
    }
    return filter
  }
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
  return new AppError('INVALID_FILTER', message)
}
