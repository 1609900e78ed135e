import type { MetadataValue } from './metadata.ts'

export const COMPARISONS = ['$gt', '$gte', '$lt', '$lte'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** Makes the test of a comparison: numbers with numbers, and text with text by code unit. */
export function comparison(
  operator: Comparison,
  bound: string | number,
): (value: MetadataValue) => boolean {
  const type = typeof bound
  return (value) => {
    if ((typeof value !== 'number' && typeof value !== 'string') || typeof value !== type)
      return false
    if (operator === '$gt') return value > bound
    if (operator === '$gte') return value >= bound
    return operator === '$lt' ? value < bound : value <= bound
  }
}
