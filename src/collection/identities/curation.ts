import type { EngineCollection } from '../../engine/engine.ts'
import type { IdentityChange, IdentityEffect } from '../../engine/identity-store.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { AppError, shown } from '../../errors.ts'
import { Differences, pairOf } from './differences.ts'
import { identityFieldOf } from './subject-views.ts'

/** What one change of identities did. */
export interface CurationAnswer {
  /** Its number in the history; null where all was so already. */
  readonly change: number | null
  /** The number of records whose identity it changed. */
  readonly records: number
}

/** Who asks for a change: the name of the key; null without one. */
export interface Editor {
  readonly by: string | null
}

interface Parts {
  readonly engine: EngineCollection
  /** Runs work while no observation is decided or written, and no other change is made. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

/** A change that is to be made, with all that it changes; null where all is so already. */
type Planned =
  | (Pick<IdentityChange, 'kind' | 'request'> & {
      readonly undoes?: number
      readonly effects: readonly IdentityEffect[]
    })
  | null

/** Pairs of a collection that are said to be different: they are kept in memory. */
const MAX_DIFFERENCES = 100_000
/** How often a change is planned: writes of records do not wait for it. */
const ATTEMPTS = 3

/**
 * Changes the identities of a collection by hand. Each change is one transaction, and one entry of the history. Calls throw
 * COLLECTION_WITHOUT_IDENTITIES; CHANGE_OVERTAKEN where records are written faster than a change can be planned.
 */
export class Curation {
  readonly #parts: Parts
  #differences: Promise<Differences> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Says which identities are not the same. To be asked for each time: what it gives does not change. */
  differences(): Promise<Differences> {
    this.#differences ??= this.#readDifferences()
    return this.#differences
  }

  /** Keeps that two identities are not the same. @throws IDENTITY_NOT_FOUND, INVALID_REQUEST. */
  differ(a: IdentityValue, b: IdentityValue, editor: Editor): Promise<CurationAnswer> {
    return this.#change(editor, async () => {
      if (a === b) {
        throw new AppError('INVALID_REQUEST', `expected two identities, got ${shown(a)} twice`)
      }
      for (const identity of [a, b]) await this.#existing(identity)
      const differences = await this.differences()
      if (differences.has(a, b)) return null
      if (differences.size >= MAX_DIFFERENCES) {
        throw new AppError(
          'IDENTITY_TOO_LARGE',
          `expected at most ${MAX_DIFFERENCES} pairs that differ in a collection, got one more`,
        )
      }
      const subject = pairOf(a, b)
      const effect = { kind: 'difference', subject, before: undefined, after: true } as const
      return { kind: 'differ', request: { a, b }, effects: [effect] }
    })
  }

  async #change({ by }: Editor, plan: () => Promise<Planned>): Promise<CurationAnswer> {
    const { engine, alone } = this.#parts
    identityFieldOf(engine.spec)
    return await alone(async () => {
      for (let attempt = 1; ; attempt++) {
        const planned = await plan()
        if (planned === null) return { change: null, records: 0 }
        const { kind, request, undoes = null, effects } = planned
        try {
          const change = await engine.identities.change({ kind, request, by, undoes }, effects)
          return { change, records: effects.filter((effect) => effect.kind === 'record').length }
        } catch (error) {
          const isOvertaken = error instanceof AppError && error.code === 'CHANGE_OVERTAKEN'
          if (!isOvertaken || attempt === ATTEMPTS) throw error
        } finally {
          this.#differences = null
        }
      }
    })
  }

  async #existing(identity: IdentityValue) {
    const { engine } = this.#parts
    const found = await engine.identities.find(identity)
    if (found !== null) return found
    const message = `no identity ${shown(identity)} in ${engine.spec.name}`
    throw new AppError('IDENTITY_NOT_FOUND', message)
  }

  async #readDifferences(): Promise<Differences> {
    try {
      return new Differences(await this.#parts.engine.identities.differences())
    } catch (error) {
      this.#differences = null
      throw error
    }
  }
}
