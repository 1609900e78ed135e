import type { Difference } from '../../engine/identity-store.ts'
import { compareIdentities, type IdentityValue } from '../../engine/identity-value.ts'

/** Which identities of a collection somebody has said are not the same, at one moment. */
export class Differences {
  readonly #of = new Map<IdentityValue, Set<IdentityValue>>()
  readonly size: number

  constructor(pairs: readonly Difference[]) {
    this.size = pairs.length
    for (const [a, b] of pairs) {
      this.#add(a, b)
      this.#add(b, a)
    }
  }

  /** Whether the two are said to be different, in either order. */
  has(a: IdentityValue, b: IdentityValue): boolean {
    return this.#of.get(a)?.has(b) ?? false
  }

  /** Gives those that an identity is said to differ from, in order. */
  of(identity: IdentityValue): readonly IdentityValue[] {
    return [...(this.#of.get(identity) ?? [])].sort(compareIdentities)
  }

  #add(a: IdentityValue, b: IdentityValue): void {
    const known = this.#of.get(a)
    if (known === undefined) this.#of.set(a, new Set([b]))
    else known.add(b)
  }
}

/** Gives the pair in the order in which it is kept. */
export function pairOf(a: IdentityValue, b: IdentityValue): Difference {
  return compareIdentities(a, b) <= 0 ? [a, b] : [b, a]
}
