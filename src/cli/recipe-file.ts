import { readFile } from 'node:fs/promises'
import { isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { AppError, shown } from '../errors.ts'
import { HEAD_STARTS, type HeadStart } from '../learning/head-start.ts'
import { OBJECTIVE_DEFAULTS, resolveObjective } from '../learning/objective.ts'
import { HIDDEN_UNITS, type TrainingRecipe } from '../learning/training-recipe.ts'

const MAX_CHARACTERS = 64 * 1024
const MAX_STEPS = 100_000

type Members = { readonly [Name in keyof TrainingRecipe]: (value: unknown) => TrainingRecipe[Name] }

/** Reads each member of a recipe; a plain Error says what was expected. */
const MEMBERS: Members = {
  objective: (value) => {
    const options = typeof value === 'string' ? { kind: value } : value
    if (!isRecord(options)) throw expected('the name of an objective or its options', value)
    return resolveObjective(options as TrainingRecipe['objective'])
  },
  head: (value) => {
    if (value === 'linear') return { kind: 'linear' }
    if (value === 'mlp') return { kind: 'mlp', hidden: HIDDEN_UNITS }
    if (isRecord(value) && value.kind === 'mlp') {
      return { kind: 'mlp', hidden: integer(value.hidden ?? HIDDEN_UNITS, 1, 65_536) }
    }
    throw expected('linear, mlp or { kind: mlp, hidden: … }', value)
  },
  dimensions: (value) => integer(value, 1, 16_384),
  starts: (value) => {
    const isStart = (name: unknown) => HEAD_STARTS.includes(name as HeadStart)
    if (Array.isArray(value) && value.length > 0 && value.every(isStart)) {
      return [...new Set(value)] as unknown as TrainingRecipe['starts']
    }
    throw expected(`a list of ${HEAD_STARTS.join(', ')}`, value)
  },
  learners: (value) => {
    if (typeof value === 'number') return { kind: 'slices', count: integer(value, 2, 1024) }
    if (isRecord(value) && (value.kind === 'slices' || value.kind === 'masks')) {
      return { ...value, count: integer(value.count, 2, 1024) } as TrainingRecipe['learners']
    }
    throw expected('a number or { kind: slices or masks, count: … }', value)
  },
  jrd: (value) => {
    if (typeof value === 'number') return { weight: number(value, 0, Number.MAX_VALUE) }
    if (isRecord(value)) return value
    throw expected('a weight or { weight: …, kernels: …, ratios: … }', value)
  },
  easyPositives: (value) => {
    if (typeof value === 'boolean') return value
    throw expected('true or false', value)
  },
  steps: (value) => integer(value, 1, MAX_STEPS),
  rate: (value) => number(value, Number.MIN_VALUE, 1),
  dropout: (value) => number(value, 0, 0.99),
  testShare: (value) => number(value, 0.01, 0.99),
  seed: (value) => integer(value, 0, 2 ** 31 - 1),
}

/** Members of a member, where it is written as a map. */
const INNER: Partial<Record<string, (kind: unknown) => readonly string[]>> = {
  objective: (kind) => {
    const defaults: Readonly<Record<string, object>> = OBJECTIVE_DEFAULTS
    return ['kind', ...Object.keys(defaults[String(kind)] ?? {})]
  },
  head: () => ['kind', 'hidden'],
  learners: (kind) => [
    ...['kind', 'count'],
    ...(kind === 'masks' ? ['orthogonality', 'maskRate', 'maskDecays', 'start'] : []),
  ],
  jrd: () => ['weight', 'kernels', 'ratios'],
}

/**
 * Reads a recipe: YAML, of which JSON is a part.
 * @throws TRAINING_INVALID that names the file and the line; FILE_UNREADABLE.
 */
export async function readRecipe(path: string): Promise<Partial<TrainingRecipe>> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new AppError('FILE_UNREADABLE', `expected to read ${path}: ${cause.message}`, { cause })
  })
  return parseRecipe(text, path)
}

/** @param name of the file, for messages. */
export function parseRecipe(text: string, name: string): Partial<TrainingRecipe> {
  const lines = new LineCounter()
  const invalid = (at: number, why: string) =>
    new AppError('TRAINING_INVALID', `${name}, line ${lines.linePos(at).line}: ${why}`)
  if (text.length > MAX_CHARACTERS) {
    const sizes = `at most ${MAX_CHARACTERS} characters, got ${text.length}`
    throw new AppError('TRAINING_INVALID', `${name}: expected ${sizes}`)
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) throw invalid(error.pos[0], error.message)
  if (!isMap(document.contents)) throw invalid(0, 'expected members such as "objective: margin"')
  const values = document.toJS() as Readonly<Record<string, unknown>>
  const recipe: Record<string, unknown> = {}
  for (const pair of document.contents.items) {
    const { key, at } = keyOf(pair)
    const read: ((value: unknown) => unknown) | undefined = Object.hasOwn(MEMBERS, key)
      ? MEMBERS[key as keyof Members]
      : undefined
    if (read === undefined) throw invalid(at, unknown(key, Object.keys(MEMBERS)))
    if (isMap(pair.value)) checkInner(key, pair.value, invalid)
    try {
      recipe[key] = read(values[key])
    } catch (cause) {
      throw invalid(at, cause instanceof Error ? cause.message : String(cause))
    }
  }
  return recipe
}

function checkInner(
  member: string,
  map: YAMLMap,
  invalid: (at: number, why: string) => AppError,
): void {
  const known = INNER[member]?.(map.get('kind')) ?? []
  for (const pair of map.items) {
    const { key, at } = keyOf(pair as Pair)
    if (!known.includes(key)) throw invalid(at, unknown(`${member}.${key}`, known))
  }
}

function keyOf({ key }: Pair): { readonly key: string; readonly at: number } {
  if (!isScalar(key)) return { key: String(key), at: 0 }
  return { key: String(key.value), at: key.range?.[0] ?? 0 }
}

function unknown(key: string, known: readonly string[]): string {
  return `unknown member ${shown(key)}, expected one of ${known.join(', ')}`
}

function integer(value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number
  }
  throw expected(`an integer from ${least} to ${most}`, value)
}

function number(value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw expected(`a number from ${least} to ${most}`, value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function expected(wanted: string, got: unknown): Error {
  return new Error(`expected ${wanted}, got ${shown(got)}`)
}
