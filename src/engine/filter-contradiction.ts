import { shown } from '../errors.ts'
import { COMPARISONS, type Comparison, comparison } from './comparison.ts'

type Scalar = string | number | boolean | null
type Operators = { readonly [operator in Comparison]?: string | number } & {
  readonly $eq?: Scalar
  readonly $ne?: Scalar
  readonly $in?: readonly Scalar[]
  readonly $exists?: boolean
}

/**
 * Says why no value meets all operators that stand together for one field, such as `{ "$gt": 5, "$lt": 3 }`; null where
 * one may. An empty `$in` is none: programs make such lists, and mean that nothing is met.
 *
 * @param operators with operands of the right types.
 */
export function contradictionOf(operators: object): string | null {
  const given = operators as Operators
  const { $eq, $ne, $in } = given
  const bounds = COMPARISONS.filter((name) => given[name] !== undefined)
  const values = $eq === undefined ? ($in ?? []) : [$eq]
  const valued = $eq === undefined ? '$in' : '$eq'
  if (given.$exists === false && bounds.length + values.length > 0) {
    return `${bounds[0] ?? valued} of a field that does not exist`
  }
  if ($eq !== undefined && $eq === $ne) return `$eq and $ne of ${shown($eq)}`
  if ($eq !== undefined && $in?.includes($eq) === false) return `$eq ${shown($eq)} beside other $in`
  for (const lower of bounds) {
    const upper = bounds.find((name) => exclude(given, lower, name))
    if (upper !== undefined) {
      return `${lower} ${shown(given[lower])} and ${upper} ${shown(given[upper])}`
    }
  }
  if (values.length === 0) return null
  const missed = bounds.find((name) => !values.some(comparison(name, given[name]!)))
  return missed === undefined ? null : `${valued} and ${missed} ${shown(given[missed])}`
}

/** Tells whether nothing meets both: bounds of different types, or a lower one above an upper one. */
function exclude(given: Operators, lower: Comparison, upper: Comparison): boolean {
  const [low, high] = [given[lower]!, given[upper]!]
  if (typeof low !== typeof high) return true
  if (!lower.startsWith('$gt') || !upper.startsWith('$lt')) return false
  return low > high || (low === high && (lower === '$gt' || upper === '$lt'))
}
