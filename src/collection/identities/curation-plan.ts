import type { EngineCollection } from '../../engine/engine.ts'
import type { IdentityChange, IdentityEffect, KeptIdentity } from '../../engine/identity-store.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { AppError, shown } from '../../errors.ts'
import type { Differences } from './differences.ts'

/** A change of identities that can be made, with all that it changes. */
export interface Plan extends Pick<IdentityChange, 'kind' | 'what'> {
  readonly undoes?: number
  readonly effects: readonly IdentityEffect[]
}

/** The most records of one change: all of it is one transaction. */
export const MAX_CHANGED_RECORDS = 10_000

/** What a plan is made of: the identities of a collection as they are now. */
export class CurationView {
  readonly differences: Differences
  readonly engine: EngineCollection
  readonly #signal: AbortSignal | undefined

  constructor(engine: EngineCollection, differences: Differences, signal?: AbortSignal) {
    this.engine = engine
    this.differences = differences
    this.#signal = signal
  }

  /** @throws IDENTITY_NOT_FOUND. */
  async existing(identity: IdentityValue): Promise<KeptIdentity> {
    const found = await this.engine.identities.find(identity, this.#signal)
    if (found !== null) return found
    const message = `no identity ${shown(identity)} in ${this.engine.spec.name}`
    throw new AppError('IDENTITY_NOT_FOUND', message)
  }

  /** @throws IDENTITY_EXISTS where an identity has this name. */
  async checkFree(identity: IdentityValue): Promise<void> {
    if ((await this.engine.identities.find(identity, this.#signal)) === null) return
    throw new AppError(
      'IDENTITY_EXISTS',
      `expected a new name, got ${shown(identity)}, which an identity of ${this.engine.spec.name} has: merge the two, or assign records to it`,
    )
  }

  /** Moves all records of an identity to another. @throws IDENTITY_TOO_LARGE for more than `room`. */
  async moved(
    from: IdentityValue,
    into: IdentityValue,
    room: number,
  ): Promise<readonly IdentityEffect[]> {
    const ids = await this.engine.identities.members(from, room + 1, this.#signal)
    if (ids.length > room) {
      throw new AppError(
        'IDENTITY_TOO_LARGE',
        `expected a change of at most ${MAX_CHANGED_RECORDS} records, got more of ${shown(from)}: assign them in parts first`,
      )
    }
    return ids.map((id) => ({ kind: 'record', subject: id, before: from, after: into }))
  }
}
