import type { Filter, Value } from '../api/contract.ts'

export const OPERATORS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$exists'] as const

export interface Condition {
  readonly field: string
  readonly operator: (typeof OPERATORS)[number]
  /** As it was typed. */
  readonly value: string
}

/** The filter of the contract; null where no condition is complete. */
export function filterOf(conditions: readonly Condition[]): Filter | null {
  const complete = conditions.filter(
    ({ field, operator, value }) => field !== '' && (value !== '' || operator === '$exists'),
  )
  if (complete.length === 0) return null
  const parts = complete.map(({ field, operator, value }) => ({
    [field]: { [operator]: operator === '$exists' ? true : typedValue(value) },
  }))
  return parts.length === 1 ? parts[0]! : { $and: parts }
}

export function readConditions(text: string | undefined): readonly Condition[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(read)) return []
    return read.filter((one) => OPERATORS.includes(one?.operator)).map(conditionOf)
  } catch {
    return []
  }
}

function conditionOf({ field, operator, value }: Condition): Condition {
  return { field: String(field), operator, value: String(value) }
}

/** The text that is read as this value. */
export function textOf(value: Value): string {
  const text = String(value)
  return typedValue(text) === value ? text : `"${text}"`
}

/** A number or truth value where it reads as one; in quotes it is text. */
function typedValue(text: string): Value {
  if (text === 'true') return true
  if (text === 'false') return false
  if (/^".*"$/.test(text)) return text.slice(1, -1)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
