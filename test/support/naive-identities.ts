import { compareIdentities, type IdentityValue } from '../../src/engine/identity-value.ts'

/** A record as a plain loop needs it; null where it belongs to no identity. */
export interface NaiveRecord {
  readonly id: string
  readonly vector: ArrayLike<number>
  readonly identity: IdentityValue | null
  /** Grows with every version that is stored. */
  readonly version: number
}

interface NaiveIdentity {
  readonly identity: IdentityValue
  readonly distance: number
  readonly records: number
  readonly nearest: { readonly id: string; readonly distance: number }
  readonly votes?: number
}

/** Squared; float64 in index order, as the canonical arithmetic is defined. */
function squared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}

type Distance = 'nearest' | 'mean-nearest' | 'hausdorff' | 'votes'

/**
 * All identities by the definition of the distance, which for Hausdorff's is the largest over both sets of the smallest to
 * the other.
 */
export function naiveIdentities(
  records: Iterable<NaiveRecord>,
  query: readonly ArrayLike<number>[],
  publish: (squared: number) => number = Math.sqrt,
  distance: Distance = 'hausdorff',
): NaiveIdentity[] {
  const sets = setsOf(records)
  const leastTo = (members: readonly NaiveRecord[], one: ArrayLike<number>) =>
    Math.min(...members.map(({ vector }) => squared(one, vector)))
  const votes = query.map((one) => {
    const names = [...sets.keys()].sort(compareIdentities)
    const all = names.map((name) => leastTo(sets.get(name)!, one))
    return names[all.indexOf(Math.min(...all))]
  })
  return [...sets]
    .map(([identity, members]) => {
      const table = query.map((one) => members.map(({ vector }) => squared(one, vector)))
      const ofQuery = table.map((row) => Math.min(...row))
      const ofMembers = members.map((_, i) => Math.min(...table.map((row) => row[i]!)))
      const least = Math.min(...ofMembers)
      const [first] = members
        .filter((_, i) => ofMembers[i] === least)
        .sort((a, b) => a.version - b.version)
      return {
        identity,
        distance: {
          nearest: publish(least),
          'mean-nearest': mean(ofQuery.map(publish)),
          votes: mean(ofQuery.map(publish)),
          hausdorff: publish(Math.max(...ofQuery, ...ofMembers)),
        }[distance],
        records: members.length,
        nearest: { id: first!.id, distance: publish(least) },
        ...(distance === 'votes' && { votes: votes.filter((name) => name === identity).length }),
      }
    })
    .sort(
      (a, b) =>
        (b.votes ?? 0) - (a.votes ?? 0) ||
        a.distance - b.distance ||
        compareIdentities(a.identity, b.identity),
    )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function setsOf(records: Iterable<NaiveRecord>): ReadonlyMap<IdentityValue, NaiveRecord[]> {
  const sets = new Map<IdentityValue, NaiveRecord[]>()
  for (const record of records) {
    if (record.identity === null) continue
    sets.set(record.identity, [...(sets.get(record.identity) ?? []), record])
  }
  return sets
}
