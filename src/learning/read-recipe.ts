import { AppError, type InputIssue, messageOf, shown } from '../errors.ts'
import { MASKS_DEFAULTS } from './divide/learners.ts'
import { JRD_DEFAULTS } from './losses/jrd.ts'
import { OBJECTIVE_DEFAULTS, resolveObjective } from './losses/objective.ts'
import { HIDDEN_UNITS, type TrainingRecipe } from './recipe.ts'
import { HEAD_STARTS, type HeadStart } from './start/head-start.ts'

const MAX_STEPS = 100_000
export const MAX_VIEWS = 64

type Readers = { readonly [Name in keyof TrainingRecipe]: (value: unknown) => TrainingRecipe[Name] }

const READERS: Readers = {
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
  views: (value) => integer(value, 1, MAX_VIEWS),
  testShare: (value) => number(value, 0.01, 0.99),
  seed: (value) => integer(value, 0, 2 ** 31 - 1),
}

/** Lists what a member that is written as an object may hold, by its `kind`. */
export function innerMembers(member: string, kind: unknown): readonly string[] {
  const objectives: Readonly<Record<string, object>> = OBJECTIVE_DEFAULTS
  const members: Readonly<Record<string, readonly string[]>> = {
    objective: ['kind', ...Object.keys(objectives[String(kind)] ?? {})],
    head: ['kind', 'hidden'],
    learners: ['kind', 'count', ...(kind === 'masks' ? Object.keys(MASKS_DEFAULTS) : [])],
    jrd: Object.keys(JRD_DEFAULTS),
  }
  return members[member] ?? []
}

/**
 * Gives the function that reads the values of a member; it throws a plain Error for a wrong one.
 * @throws Error for an unknown member.
 */
export function memberReader(member: string): (value: unknown) => unknown {
  if (Object.hasOwn(READERS, member)) return READERS[member as keyof Readers]
  throw new Error(unknownMember(member, Object.keys(READERS)))
}

/**
 * Reads a recipe from untrusted values.
 * @throws INVALID_REQUEST with every member that is unknown or wrong, as a JSON pointer.
 */
export function recipeFrom(values: Readonly<Record<string, unknown>>): Partial<TrainingRecipe> {
  const issues: InputIssue[] = []
  const recipe: Record<string, unknown> = {}
  for (const [member, value] of Object.entries(values)) {
    try {
      const read = memberReader(member)
      const known = isRecord(value) ? innerMembers(member, value.kind) : []
      const unknown = Object.keys(isRecord(value) ? value : {}).find((key) => !known.includes(key))
      if (unknown !== undefined) throw new Error(unknownMember(unknown, known))
      recipe[member] = read(value)
    } catch (cause) {
      issues.push({ path: `/${member}`, message: messageOf(cause) })
    }
  }
  const [first] = issues
  if (first === undefined) return recipe
  throw new AppError('INVALID_REQUEST', `${first.path}: ${first.message}`, { issues })
}

export function unknownMember(name: string, known: readonly string[]): string {
  return `unknown member ${shown(name)}, expected one of ${known.join(', ')}`
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
