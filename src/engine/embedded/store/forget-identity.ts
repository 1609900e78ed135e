import type { Forgotten } from '../../identity-store.ts'
import type { Database } from './database.ts'

/** What is to be forgotten, as JSON text. */
export interface WireForgotten {
  readonly collection: number
  readonly identity: string | null
  /** Ids of records. */
  readonly subjects: readonly string[]
}

/**
 * Makes what erases an identity from the facts and from the history, inside a transaction of the caller. A change that
 * names it goes as a whole: half of one could not be undone, and would tell what the other half was.
 */
export function prepareForgetting(database: Database): (forgotten: WireForgotten) => Forgotten {
  const ofRecord = database.prepare<[number, number, string]>(
    `DELETE FROM identity_changes WHERE collection = ? AND number IN (
       SELECT number FROM identity_effects WHERE collection = ? AND kind = 'record' AND subject = ?)`,
  )
  // The text of a value begins and ends where it stands in the text of a pair: quotes within text are escaped.
  const facts = database.prepare<[object]>(
    `DELETE FROM identity_facts WHERE collection = $collection AND (
       subject = $value OR substr(subject, 1, length($value) + 2) = '[' || $value || ','
       OR substr(subject, -length($value) - 2) = ',' || $value || ']')`,
  )
  // What does not have the text at all is not taken apart; members may be called like the identity, and only values count.
  const names = (column: string) =>
    `($plain IS NOT NULL AND instr(${column}, $value) > 0 AND EXISTS (
       SELECT 1 FROM json_tree(${column}) WHERE type = 'text' AND atom = $plain))`
  const changes = database.prepare<[object]>(
    `DELETE FROM identity_changes WHERE collection = $collection AND (
       ${names('what')} OR number IN (
         SELECT number FROM identity_effects WHERE collection = $collection AND (
           $value IN (subject, before, after)
           OR substr(subject, 1, length($value) + 2) = '[' || $value || ','
           OR substr(subject, -length($value) - 2) = ',' || $value || ']'
           OR ${names('before')} OR ${names('after')})))`,
  )
  return ({ collection, identity, subjects }) => {
    let forgotten = 0
    for (const subject of subjects)
      forgotten += ofRecord.run(collection, collection, subject).changes
    if (identity === null) return { facts: 0, changes: forgotten }
    const plain: unknown = JSON.parse(identity)
    const named = { collection, value: identity, plain: typeof plain === 'string' ? plain : null }
    forgotten += changes.run(named).changes
    return { facts: facts.run({ collection, value: identity }).changes, changes: forgotten }
  }
}
