import type { Database } from './database.ts'
import { generationPurge } from './generation-purge.ts'

/** Rows a slice frees, and about their bytes, which are overwritten: few enough that a writer who waits does not notice. */
const ROWS_PER_SLICE = 256
const BYTES_PER_SLICE = 8 * 1024 * 1024

interface DroppedRow {
  readonly key: number
  readonly bytes: number
}

/**
 * Frees the rows of dropped collections, and the vectors of dropped generations, one short transaction a call.
 * @returns a function that takes about the most bytes to free, and returns false when nothing is left.
 */
export function purgeSlices(database: Database): (mostBytes?: number) => boolean {
  const dropped = database
    .prepare<[], number>('SELECT key FROM collections WHERE dropped = 1 ORDER BY key LIMIT 1')
    .pluck()
  const rowsOf = database.prepare<[number], DroppedRow>(
    `SELECT key, coalesce(content_bytes, 0) + octet_length(vector) AS bytes
     FROM records INDEXED BY records_by_key WHERE collection = ? ORDER BY key LIMIT ${ROWS_PER_SLICE}`,
  )
  const deleteRow = database.prepare<[number]>('DELETE FROM records WHERE key = ?')
  const deleteChange = database.prepare<[number, number]>(
    `DELETE FROM identity_changes WHERE collection = ? AND number IN (
       SELECT number FROM identity_changes WHERE collection = ? ORDER BY number LIMIT 1)`,
  )
  const deleteCollection = database.prepare<[number]>('DELETE FROM collections WHERE key = ?')
  const purgeGenerations = generationPurge(database, ROWS_PER_SLICE)
  const slice = database.transaction((mostBytes: number): boolean => {
    const collection = dropped.get()
    if (collection === undefined) return purgeGenerations()
    const rows = rowsOf.all(collection)
    let bytes = 0
    for (const row of rows) {
      if (bytes >= mostBytes) return true
      deleteRow.run(row.key)
      bytes += row.bytes
    }
    if (rows.length === ROWS_PER_SLICE) return true
    // One a slice: a change may have had effects on thousands of records.
    if (deleteChange.run(collection, collection).changes === 0) deleteCollection.run(collection)
    return true
  })
  return (mostBytes = BYTES_PER_SLICE) => slice.immediate(mostBytes)
}
