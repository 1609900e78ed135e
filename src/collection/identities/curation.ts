import {
  readIdentityCursor,
  readPageCursor,
  requestHash,
  writeIdentityCursor,
  writePageCursor,
} from '../../engine/cursor.ts'
import type { EngineCollection } from '../../engine/engine.ts'
import type { IdentityPageOptions, KeptIdentity, PastChange } from '../../engine/identity-store.ts'
import { type IdentityValue, placeOf } from '../../engine/identity-value.ts'
import { AppError } from '../../errors.ts'
import { CurationView, type Plan } from './curation-plan.ts'
import { Differences } from './differences.ts'
import { planDiffer } from './plan-differ.ts'
import { type IdentityEdit, type MergeRequest, planEdit, planMerge } from './plan-moves.ts'
import { type AssignRequest, planAssign, planSplit, type SplitRequest } from './plan-records.ts'
import { planUndo } from './plan-undo.ts'
import { identityFieldOf } from './subject-views.ts'

/** What one change of identities did. */
export interface CurationAnswer {
  /** Its number in the history; null where all was so already. */
  readonly change: number | null
  /** The number of records whose identity it changed. */
  readonly records: number
}

export interface CurationOptions {
  /** The name of the key of whoever asks; null without one. */
  readonly by: string | null
  /** Ends the call before its change is made. */
  readonly signal?: AbortSignal
}

/** An identity with those that it is said to differ from. */
export interface ShownIdentity extends KeptIdentity {
  readonly differs: readonly IdentityValue[]
}

interface Parts {
  readonly engine: EngineCollection
  /** Runs work while no observation is decided or written, and no other change is made. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

/** How often a change is planned: writes of records do not wait for it. */
const ATTEMPTS = 3

/**
 * Shows the identities of a collection, and changes them by hand. Each change is one transaction, and one entry of the
 * history. Calls throw COLLECTION_WITHOUT_IDENTITIES; changes CHANGE_OVERTAKEN where records are written faster than one can
 * be planned.
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

  /** Lists identities in order, page by page. @throws INVALID_CURSOR. */
  async page(
    { cursor, ...options }: Omit<IdentityPageOptions, 'after'> & { readonly cursor: string | null },
    signal?: AbortSignal,
  ): Promise<{
    readonly identities: readonly KeptIdentity[]
    readonly total: number
    readonly cursor: string | null
  }> {
    const { identities: store } = this.#curated()
    const { limit, text, filter } = options
    const request = requestHash([text, filter])
    const after = cursor === null ? null : readIdentityCursor(cursor, request)
    const found = await store.page({ ...options, after, limit: limit + 1 }, signal)
    const identities = found.identities.slice(0, limit)
    const last = identities.at(-1)
    const more = found.identities.length > identities.length && last !== undefined
    const next = more ? writeIdentityCursor(placeOf(last.identity), request) : null
    return { identities, total: found.total, cursor: next }
  }

  /** @throws IDENTITY_NOT_FOUND. */
  async identity(identity: IdentityValue, signal?: AbortSignal): Promise<ShownIdentity> {
    const view = new CurationView(this.#curated(), await this.differences(), signal)
    return { ...(await view.existing(identity)), differs: view.differences.of(identity) }
  }

  /** Lists changes, the newest first. @throws INVALID_CURSOR. */
  async history(
    limit: number,
    cursor: string | null,
  ): Promise<{ readonly changes: readonly PastChange[]; readonly cursor: string | null }> {
    const { identities } = this.#curated()
    const below = cursor === null ? null : Number(readPageCursor(cursor))
    if (Number.isNaN(below)) {
      throw new AppError('INVALID_CURSOR', 'expected a cursor of the history, got another')
    }
    const found = await identities.history(below, limit + 1)
    const changes = found.slice(0, limit)
    const last = changes.at(-1)
    const more = found.length > changes.length && last !== undefined
    return { changes, cursor: more ? writePageCursor(String(last.change)) : null }
  }

  /** Keeps that two identities are not the same. @throws as `planDiffer`. */
  differ(a: IdentityValue, b: IdentityValue, options: CurationOptions): Promise<CurationAnswer> {
    return this.#change(options, (view) => planDiffer(a, b, view))
  }

  /** Makes identities one. @throws as `planMerge`. */
  merge(request: MergeRequest, options: CurationOptions): Promise<CurationAnswer> {
    return this.#change(options, (view) => planMerge(request, view))
  }

  /** Makes some records of an identity another one. @throws as `planSplit`. */
  split(request: SplitRequest, options: CurationOptions): Promise<CurationAnswer> {
    return this.#change(options, (view) => planSplit(request, view))
  }

  /** Gives records an identity, or none. @throws as `planAssign`. */
  assign(request: AssignRequest, options: CurationOptions): Promise<CurationAnswer> {
    return this.#change(options, (view) => planAssign(request, view))
  }

  /** Renames an identity, or changes its own metadata. @throws as `planEdit`. */
  edit(
    identity: IdentityValue,
    edit: IdentityEdit,
    options: CurationOptions,
  ): Promise<CurationAnswer> {
    return this.#change(options, (view) => planEdit(identity, edit, view))
  }

  /** Takes back a change. @throws as `planUndo`. */
  undo(change: number, options: CurationOptions): Promise<CurationAnswer> {
    return this.#change(options, (view) => planUndo(change, view))
  }

  /** Lets differences be read anew: something else changed them. */
  reread(): void {
    this.#differences = null
  }

  async #change(
    { by, signal }: CurationOptions,
    plan: (view: CurationView) => Promise<Plan | null>,
  ): Promise<CurationAnswer> {
    const engine = this.#curated()
    return await this.#parts.alone(async () => {
      for (let attempt = 1; ; attempt++) {
        signal?.throwIfAborted()
        const planned = await plan(new CurationView(engine, await this.differences(), signal))
        if (planned === null) return { change: null, records: 0 }
        const { kind, what, undoes = null, effects } = planned
        try {
          const change = await engine.identities.change({ kind, what, by, undoes }, effects)
          return { change, records: effects.filter((effect) => effect.kind === 'record').length }
        } catch (error) {
          const isOvertaken = error instanceof AppError && error.code === 'CHANGE_OVERTAKEN'
          if (!isOvertaken || attempt === ATTEMPTS) throw error
        } finally {
          this.reread()
        }
      }
    })
  }

  /** @throws COLLECTION_WITHOUT_IDENTITIES. */
  #curated(): EngineCollection {
    const { engine } = this.#parts
    identityFieldOf(engine.spec)
    return engine
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
