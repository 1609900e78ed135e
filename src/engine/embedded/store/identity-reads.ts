import { NEVER_STOPPED, type StopSign } from '../../../threads/stop-flags.ts'
import type { Slices, Turns } from '../../../threads/turns.ts'
import { fieldPath, valueAt } from '../../field-path.ts'
import { compileFilter, filterCost } from '../../filter.ts'
import type { IdentityPageOptions } from '../../identity-store.ts'
import { compareIdentities, type IdentityValue, placeOf } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import type { Database } from './database.ts'
import type { WireEffect } from './identity-changes.ts'
import { IdentityIndex, type IndexedIdentities } from './identity-index.ts'

interface Collection {
  readonly collection: number
}

interface Field extends Collection {
  /** The identity field of the collection. */
  readonly field: string
}

/** A change as the truth has it. */
export interface PastRow {
  readonly change: number
  readonly at: string
  readonly by: string | null
  readonly kind: string
  /** JSON text. */
  readonly what: string
  readonly records: number
  readonly undoes: number | null
  readonly undoneBy: number | null
}

// A type, not an interface: filters look at it as metadata.
type KnownIdentity = {
  readonly identity: IdentityValue
  readonly records: number
  readonly metadata: Metadata
}

/** About what a slice spends on an identity of a list, and on a look into the database. */
const COST_OF_IDENTITY = 4
const COST_OF_LOOKUP = 16

/** Reads identities: their records, what is known of them, and what was done to them. Long calls take turns. */
export class IdentityReads {
  readonly #statements
  readonly #turns: Turns
  readonly #index: IdentityIndex

  constructor(database: Database, turns: Turns) {
    this.#statements = prepareStatements(database)
    this.#turns = turns
    this.#index = new IdentityIndex(database)
  }

  /** Gives a page of KeptIdentity as JSON texts. */
  async page(
    { collection, field, after, limit, text, filter }: Field & IdentityPageOptions,
    stop: StopSign = NEVER_STOPPED,
  ): Promise<{ readonly identities: readonly string[]; readonly total: number }> {
    const slices = this.#turns.begin(stop)
    const indexed = await this.#index.of(collection, field, slices)
    const all = this.#all(collection, indexed)
    const wanted = text === null ? null : text.toLowerCase()
    const meets = filter === null ? null : compileFilter(filter)
    const cost = COST_OF_IDENTITY + (filter === null ? 0 : COST_OF_LOOKUP + filterCost(filter))
    const page = new FirstOf(limit)
    let total = 0
    for (const [identity, records] of all) {
      if (slices.spend(cost)) await slices.next()
      if (wanted !== null && !String(identity).toLowerCase().includes(wanted)) continue
      if (meets !== null && !meets(this.#known(collection, identity, records))) continue
      total++
      const place = placeOf(identity)
      if (after !== null && compareIdentities(place, after) <= 0) continue
      page.add({ place, identity, records })
    }
    const identities = page.all().map(({ identity, records }) => {
      return JSON.stringify(this.#known(collection, identity, records))
    })
    return { identities, total }
  }

  /** Gives KeptIdentity as JSON text. */
  async find(
    { collection, field, identity }: Field & { readonly identity: IdentityValue },
    stop: StopSign = NEVER_STOPPED,
  ): Promise<string | null> {
    const indexed = await this.#index.of(collection, field, this.#turns.begin(stop))
    const records = indexed.sizeOf(identity)
    const known = this.#known(collection, identity, records)
    if (records === 0 && Object.keys(known.metadata).length === 0) return null
    return JSON.stringify(known)
  }

  async members(
    { collection, field, identity, most }: Field & { identity: IdentityValue; most: number },
    stop: StopSign = NEVER_STOPPED,
  ): Promise<readonly string[]> {
    const slices: Slices = this.#turns.begin(stop)
    const indexed = await this.#index.of(collection, field, slices)
    const ids: string[] = []
    for (const key of indexed.keysOf(identity, most)) {
      const id = this.#statements.idOfKey.get(key)
      // One that has ended meanwhile is no member any more.
      if (id !== undefined) ids.push(id)
      if (slices.spend(COST_OF_LOOKUP)) await slices.next()
    }
    return ids
  }

  /** Gives the value of the identity field of each record as JSON text, in a list of one or none; null: no such record. */
  async valuesOf(
    { collection, field, ids }: Field & { readonly ids: readonly string[] },
    stop: StopSign = NEVER_STOPPED,
  ): Promise<readonly (readonly string[] | null)[]> {
    const slices = this.#turns.begin(stop)
    const path = fieldPath(field)
    const values: (readonly string[] | null)[] = []
    for (const id of ids) {
      const text = this.#statements.metadataOfId.get(collection, id)
      const value = text === undefined ? undefined : valueAt(JSON.parse(text) as Metadata, path)
      values.push(text === undefined ? null : value === undefined ? [] : [JSON.stringify(value)])
      if (slices.spend(COST_OF_LOOKUP)) await slices.next()
    }
    return values
  }

  /** Gives pairs as JSON text. */
  differences({ collection }: Collection): readonly string[] {
    return this.#statements.subjects.all(collection, 'difference')
  }

  history({ collection, below, limit }: Collection & { below: number | null; limit: number }) {
    return this.#statements.history.all({ collection, below, limit })
  }

  past({ collection, change }: Collection & { readonly change: number }): {
    readonly past: PastRow
    readonly effects: readonly WireEffect[]
    readonly overtakenBy: PastRow | null
  } | null {
    const past = this.#statements.past.get(collection, change)
    if (past === undefined) return null
    const effects = this.#statements.effects.all(collection, change)
    const later = this.#statements.later.get({ collection, change }) ?? null
    const overtakenBy = later === null ? null : this.#statements.past.get(collection, later)!
    return { past, effects, overtakenBy }
  }

  /** Gives all identities with the numbers of their records, those with nothing but metadata too: all of one moment. */
  #all(
    collection: number,
    indexed: IndexedIdentities,
  ): readonly (readonly [IdentityValue, number])[] {
    const all: [IdentityValue, number][] = []
    for (const value of indexed.values()) all.push([value, indexed.sizeOf(value)])
    for (const subject of this.#statements.subjects.all(collection, 'metadata')) {
      const value = JSON.parse(subject) as IdentityValue
      if (indexed.sizeOf(value) === 0) all.push([value, 0])
    }
    return all
  }

  #known(collection: number, identity: IdentityValue, records: number): KnownIdentity {
    const text = this.#statements.fact.get(collection, 'metadata', JSON.stringify(identity))
    return { identity, records, metadata: text === undefined ? {} : JSON.parse(text) }
  }
}

interface Placed {
  readonly place: IdentityValue
  readonly identity: IdentityValue
  readonly records: number
}

/** Keeps the first identities of all that are added, in the order of their places. */
class FirstOf {
  readonly #limit: number
  #kept: Placed[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  add(placed: Placed): void {
    this.#kept.push(placed)
    // Sorted now and then, so that it takes little more memory than it keeps, and little time an identity.
    if (this.#kept.length >= 2 * this.#limit + 1000) this.#kept = this.all()
  }

  all(): Placed[] {
    return this.#kept.sort((a, b) => compareIdentities(a.place, b.place)).slice(0, this.#limit)
  }
}

const PAST_COLUMNS = 'number AS change, at, by, kind, what, records, undoes, undone_by AS undoneBy'

function prepareStatements(database: Database) {
  return {
    idOfKey: database.prepare<[number], string>('SELECT id FROM records WHERE key = ?').pluck(),
    metadataOfId: database
      .prepare<[number, string], string>(
        'SELECT metadata FROM records WHERE collection = ? AND id = ?',
      )
      .pluck(),
    fact: database
      .prepare<[number, string, string], string>(
        'SELECT value FROM identity_facts WHERE collection = ? AND kind = ? AND subject = ?',
      )
      .pluck(),
    subjects: database
      .prepare<[number, string], string>(
        'SELECT subject FROM identity_facts WHERE collection = ? AND kind = ? ORDER BY subject',
      )
      .pluck(),
    history: database.prepare<[object], PastRow>(
      `SELECT ${PAST_COLUMNS} FROM identity_changes
       WHERE collection = $collection AND ($below IS NULL OR number < $below)
       ORDER BY number DESC LIMIT $limit`,
    ),
    past: database.prepare<[number, number], PastRow>(
      `SELECT ${PAST_COLUMNS} FROM identity_changes WHERE collection = ? AND number = ?`,
    ),
    effects: database.prepare<[number, number], WireEffect>(
      `SELECT kind, subject, before, after FROM identity_effects WHERE collection = ? AND number = ?`,
    ),
    // What was undone, and what undid it, leaves everything as it was before.
    later: database
      .prepare<[object], number>(
        `SELECT later.number FROM identity_effects AS own
         JOIN identity_effects AS later ON later.collection = own.collection
           AND later.kind = own.kind AND later.subject = own.subject AND later.number > own.number
         JOIN identity_changes AS made ON made.collection = later.collection AND made.number = later.number
         WHERE own.collection = $collection AND own.number = $change
           AND made.undone_by IS NULL AND made.undoes IS NULL
         ORDER BY later.number LIMIT 1`,
      )
      .pluck(),
  }
}
