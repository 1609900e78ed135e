import { compareIdentities, type IdentityValue } from '../../identity-value.ts'
import { MAX_IDENTITY_RECORDS } from '../../query.ts'
import type { RecordSet } from './record-sets.ts'

interface Identity {
  readonly value: IdentityValue
  readonly keys: Set<number>
}

/** Knows which versions of records belong to which identity, and which identities have changed since they were taken. */
export class IdentityMembers {
  readonly #identities = new Map<IdentityValue, Identity>()
  readonly #ofKey = new Map<number, Identity>()
  readonly #changed = new Set<Identity>()
  readonly #tooLarge = new Set<Identity>()
  #compared = 0

  /** Records of the identities that are not too large. */
  get compared(): number {
    return this.#compared
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0
  }

  /** Values of more than MAX_IDENTITY_RECORDS records, in order. */
  tooLarge(): readonly IdentityValue[] {
    return Array.from(this.#tooLarge, ({ value }) => value).sort(compareIdentities)
  }

  sizeOf(value: IdentityValue): number {
    return this.#identities.get(value)?.keys.size ?? 0
  }

  /** Gives the versions of all identities. */
  keys(): Iterable<number> {
    return this.#ofKey.keys()
  }

  /** Moves a version to an identity; null: to none. */
  set(key: number, value: IdentityValue | null): void {
    const before = this.#ofKey.get(key)
    if (before?.value === value) return
    if (before !== undefined) this.#change(before, () => before.keys.delete(key))
    this.#ofKey.delete(key)
    if (value === null) return
    const identity = this.#identities.get(value) ?? { value, keys: new Set() }
    this.#identities.set(value, identity)
    this.#ofKey.set(key, identity)
    this.#change(identity, () => identity.keys.add(key))
  }

  /** Takes identities that have changed, until they have about `records`. Those that are empty or too large have no keys. */
  take(records: number): readonly RecordSet[] {
    const taken: RecordSet[] = []
    let count = 0
    for (const identity of this.#changed) {
      if (count >= records) break
      this.#changed.delete(identity)
      const { value, keys } = identity
      taken.push({ identity: value, keys: isTooLarge(identity) ? [] : [...keys] })
      if (keys.size === 0) this.#identities.delete(value)
      count += 1 + taken.at(-1)!.keys.length
    }
    return taken
  }

  changeAll(): void {
    for (const identity of this.#identities.values()) this.#changed.add(identity)
  }

  #change(identity: Identity, change: () => void): void {
    if (!isTooLarge(identity)) this.#compared -= identity.keys.size
    change()
    if (isTooLarge(identity)) this.#tooLarge.add(identity)
    else {
      this.#tooLarge.delete(identity)
      this.#compared += identity.keys.size
    }
    this.#changed.add(identity)
  }
}

function isTooLarge({ keys }: Identity): boolean {
  return keys.size > MAX_IDENTITY_RECORDS
}
