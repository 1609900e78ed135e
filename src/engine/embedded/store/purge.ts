import type { Database } from './database.ts'
import { generationPurge } from './generation-purge.ts'

/** Rows a slice frees: few enough that a writer who waits does not notice. */
const ROWS_PER_SLICE = 256

/**
 * Frees the rows of dropped collections, and the vectors of dropped generations, one short transaction a call.
 * @returns false when nothing is left to free.
 */
export function purgeSlices(database: Database): () => boolean {
  const dropped = database
    .prepare<[], number>('SELECT key FROM collections WHERE dropped = 1 ORDER BY key LIMIT 1')
    .pluck()
  const deleteRows = database.prepare<[number, number]>(
    `DELETE FROM records WHERE key IN (SELECT key FROM records WHERE collection = ? LIMIT ?)`,
  )
  const deleteCollection = database.prepare<[number]>('DELETE FROM collections WHERE key = ?')
  const purgeGenerations = generationPurge(database, ROWS_PER_SLICE)
  const slice = database.transaction((): boolean => {
    const collection = dropped.get()
    if (collection === undefined) return purgeGenerations()
    const { changes } = deleteRows.run(collection, ROWS_PER_SLICE)
    if (changes < ROWS_PER_SLICE) deleteCollection.run(collection)
    return true
  })
  return () => slice.immediate()
}
