import type { Reply } from '../../../threads/call-table.ts'
import { sentError } from '../../../threads/thread-error.ts'
import type { Database } from './database.ts'
import { storeError } from './disk-full.ts'

/** One change that waits, known by the number of its call. */
export interface Change {
  readonly call: number
  readonly name: string
  run(): unknown
}

/**
 * Runs the changes in order inside one transaction and returns their replies in that order, after the
 * commit. A change that throws is undone alone. When the transaction itself is lost (a full disk),
 * all are answered with DISK_FULL or STORE_FAILED.
 *
 * @param beforeCommit runs last in the transaction.
 */
export function commitTogether(
  database: Database,
  changes: readonly Change[],
  beforeCommit: () => void,
): Reply[] {
  try {
    database.exec('BEGIN IMMEDIATE')
    const replies = changes.map((change) => runAlone(database, change))
    beforeCommit()
    database.exec('COMMIT')
    return replies
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    return changes.map(({ call, name }) => failure(call, error, `could not commit ${name}`))
  }
}

function runAlone(database: Database, { call, name, run }: Change): Reply {
  database.exec('SAVEPOINT change')
  try {
    const result = run()
    database.exec('RELEASE change')
    return { call, result }
  } catch (error) {
    // SQLite ends the whole transaction by itself on some errors: then no neighbour is stored either.
    if (!database.inTransaction) throw error
    database.exec('ROLLBACK TO change')
    database.exec('RELEASE change')
    return failure(call, error, `could not run ${name}`)
  }
}

function failure(call: number, error: unknown, what: string): Reply {
  return { call, error: sentError(storeError(error, what)) }
}
