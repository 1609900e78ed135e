import { AppError, shown } from '../../../errors.ts'
import { fieldPath, valueAt, withValueAt } from '../../field-path.ts'
import {
  type IdentityChange,
  type IdentityEffect,
  MAX_CHANGES_KEPT,
  MAX_EFFECTS_KEPT,
} from '../../identity-store.ts'
import type { Metadata, MetadataValue } from '../../metadata.ts'
import type { Database } from './database.ts'
import { RECORD_COLUMNS, type RecordRow, type WireRecord } from './stored-row.ts'

/** An effect as it is stored, all of it JSON text; null: not there. */
export interface WireEffect {
  readonly kind: IdentityEffect['kind']
  readonly subject: string
  readonly before: string | null
  readonly after: string | null
}

export interface WireIdentityChange extends Omit<IdentityChange, 'what'> {
  readonly collection: number
  /** The identity field of the collection. */
  readonly field: string
  /** JSON text. */
  readonly what: string
  readonly effects: readonly WireEffect[]
  /** The time of the change, ISO 8601, UTC. */
  readonly at: string
}

interface Counted {
  readonly number: number
  /** The effects of all changes up to and with this one. */
  readonly allEffects: number
}

type SetMetadata = (
  collection: number,
  row: RecordRow,
  metadata: Metadata,
  at: string,
) => WireRecord

/** Metadata that one change may write: they are read again at once when it is committed. */
const MAX_METADATA_CHARACTERS = 8 * 1024 * 1024

/** Changes identities and their history, inside a transaction of the caller, which ends where a call throws. */
export class IdentityChanges {
  readonly #statements
  readonly #setMetadata: SetMetadata

  constructor(database: Database, setMetadata: SetMetadata) {
    this.#statements = prepareStatements(database)
    this.#setMetadata = setMetadata
  }

  /** Returns the records as they are now. @throws CHANGE_OVERTAKEN, INVALID_METADATA. */
  change(change: WireIdentityChange): { readonly change: number; readonly records: WireRecord[] } {
    const { collection, effects, kind, at, by, what, undoes } = change
    const number = this.#statements.nextNumber.get(collection)!
    const records: WireRecord[] = []
    let characters = 0
    for (const effect of effects) {
      if (effect.kind !== 'record') {
        this.#changeFact(collection, effect)
        continue
      }
      const record = this.#changeRecord(change, effect)
      records.push(record)
      characters += record.metadata.length
      if (characters > MAX_METADATA_CHARACTERS) throw tooLarge()
    }
    const allEffects = (this.#statements.allEffects.get(collection) ?? 0) + effects.length
    const counts = { records: records.length, allEffects }
    this.#statements.addChange.run({ collection, number, at, by, kind, what, undoes, ...counts })
    for (const effect of effects) this.#statements.addEffect.run({ collection, number, ...effect })
    if (undoes !== null) this.#statements.markUndone.run(number, collection, undoes)
    this.#forgetOld(collection, { number, allEffects })
    return { change: number, records }
  }

  #changeRecord({ collection, field, at }: WireIdentityChange, effect: WireEffect): WireRecord {
    const { subject, before, after } = effect
    const id = JSON.parse(subject) as string
    const row = this.#statements.recordOfId.get(collection, id)
    if (row === undefined) throw overtaken(`the record ${shown(id)}`, before, 'no such record')
    const path = fieldPath(field)
    const metadata = JSON.parse(row.metadata) as Metadata
    const value = valueAt(metadata, path)
    const present = value === undefined ? null : JSON.stringify(value)
    if (present !== before) throw overtaken(`the record ${shown(id)}`, before, present)
    const next = after === null ? undefined : (JSON.parse(after) as MetadataValue)
    const changed = withValueAt(metadata, path, field, next)
    if (next === undefined && valueAt(changed, path) !== undefined) throw namedTwice(id, field)
    return this.#setMetadata(collection, row, changed, at)
  }

  #changeFact(collection: number, { kind, subject, before, after }: WireEffect): void {
    const present = this.#statements.fact.get(collection, kind, subject) ?? null
    if (present !== before) throw overtaken(`the ${kind} of ${subject}`, before, present)
    if (after === null) this.#statements.dropFact.run(collection, kind, subject)
    else this.#statements.keepFact.run(collection, kind, subject, after)
  }

  /** One after the other, the oldest first: none looks at the whole history. */
  #forgetOld(collection: number, { number, allEffects }: Counted): void {
    for (;;) {
      const oldest = this.#statements.oldest.get(collection)!
      const isOld = oldest.number <= number - MAX_CHANGES_KEPT
      if (!isOld && allEffects - oldest.allEffects < MAX_EFFECTS_KEPT) return
      this.#statements.forget.run(collection, oldest.number)
    }
  }
}

/** Both could be taken away, but an undo knows of one. */
function namedTwice(id: string, field: string): AppError {
  return new AppError(
    'INVALID_METADATA',
    `expected one ${shown(field)} in the metadata of the record ${shown(id)}, got a second behind the first: take one away with a patch of its metadata`,
  )
}

function tooLarge(): AppError {
  return new AppError(
    'IDENTITY_TOO_LARGE',
    `expected a change of records with at most ${MAX_METADATA_CHARACTERS} characters of metadata, got more: assign them in parts`,
  )
}

function overtaken(what: string, before: string | null, present: string | null): AppError {
  const wanted = before === null ? 'nothing' : shown(before)
  const got = present === null ? 'nothing' : shown(present)
  const cure = 'it was changed meanwhile: look, and ask again'
  return new AppError(
    'CHANGE_OVERTAKEN',
    `expected ${wanted} as ${what} has it, got ${got}: ${cure}`,
  )
}

function prepareStatements(database: Database) {
  return {
    recordOfId: database.prepare<[number, string], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND id = ?`,
    ),
    fact: database
      .prepare<[number, string, string], string>(
        'SELECT value FROM identity_facts WHERE collection = ? AND kind = ? AND subject = ?',
      )
      .pluck(),
    keepFact: database.prepare<[number, string, string, string]>(
      `INSERT INTO identity_facts (collection, kind, subject, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (collection, kind, subject) DO UPDATE SET value = excluded.value`,
    ),
    dropFact: database.prepare<[number, string, string]>(
      'DELETE FROM identity_facts WHERE collection = ? AND kind = ? AND subject = ?',
    ),
    nextNumber: database
      .prepare<[number], number>(
        `UPDATE collections SET last_identity_change = last_identity_change + 1 WHERE key = ?
         RETURNING last_identity_change`,
      )
      .pluck(),
    addChange: database.prepare<[object]>(
      `INSERT INTO identity_changes (collection, number, at, by, kind, what, undoes, records, all_effects)
       VALUES ($collection, $number, $at, $by, $kind, $what, $undoes, $records, $allEffects)`,
    ),
    addEffect: database.prepare<[object]>(
      `INSERT INTO identity_effects (collection, number, kind, subject, before, after)
       VALUES ($collection, $number, $kind, $subject, $before, $after)`,
    ),
    markUndone: database.prepare<[number, number, number]>(
      'UPDATE identity_changes SET undone_by = ? WHERE collection = ? AND number = ?',
    ),
    forget: database.prepare<[number, number]>(
      'DELETE FROM identity_changes WHERE collection = ? AND number = ?',
    ),
    oldest: database.prepare<[number], Counted>(
      `SELECT number, all_effects AS allEffects FROM identity_changes WHERE collection = ?
       ORDER BY number LIMIT 1`,
    ),
    allEffects: database
      .prepare<[number], number>(
        'SELECT all_effects FROM identity_changes WHERE collection = ? ORDER BY number DESC LIMIT 1',
      )
      .pluck(),
  }
}
