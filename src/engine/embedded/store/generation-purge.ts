import type { Database } from './database.ts'

interface Dropped {
  readonly collection: number
  readonly generation: number
  /** The active generation. */
  readonly current: number
}

interface Row {
  readonly key: number
  /** The generation of the vector in the row itself. */
  readonly own: number
  readonly ownBytes: number
  readonly besideBytes: number | null
}

/** The generation of a row whose own vector was dropped with nothing to take its place. */
const NONE = -1

/**
 * Frees the vectors of dropped generations, `rows` records a call, inside a transaction of the caller. The
 * active vector moves into the row whose own was dropped.
 * @returns false when there is nothing left to free.
 */
export function generationPurge(database: Database, rows: number): () => boolean {
  const { dropped, walk, moveIn, empty, forget, grow, done } = prepareStatements(database)
  let at = { collection: 0, generation: 0, after: 0 }

  function free({ collection, generation, current }: Dropped, row: Row): void {
    if (row.own === generation) {
      const { changes } = moveIn.run({ key: row.key, current })
      if (changes === 0) empty.run(NONE, row.key)
      else forget.run(row.key, current)
      grow.run(-row.ownBytes, collection)
    } else if (row.besideBytes !== null) {
      forget.run(row.key, generation)
      grow.run(-row.besideBytes, collection)
    }
  }

  return () => {
    const found = dropped.get()
    if (found === undefined) return false
    const { collection, generation } = found
    if (at.collection !== collection || at.generation !== generation) {
      at = { collection, generation, after: 0 }
    }
    const slice = walk.all({ collection, generation, after: at.after, rows })
    for (const row of slice) free(found, row)
    if (slice.length < rows) {
      done.run(collection, generation)
      at = { collection: 0, generation: 0, after: 0 }
    } else {
      at = { ...at, after: slice.at(-1)!.key }
    }
    return true
  }
}

function prepareStatements(database: Database) {
  return {
    dropped: database.prepare<[], Dropped>(
      `SELECT collection, generations.generation, collections.generation AS current
       FROM generations JOIN collections ON collections.key = collection
       WHERE generations.dropped = 1 ORDER BY collection, generations.generation LIMIT 1`,
    ),
    walk: database.prepare<[object], Row>(
      `SELECT key, records.generation AS own, octet_length(records.vector) AS ownBytes,
         octet_length(vectors.vector) AS besideBytes
       FROM records INDEXED BY records_by_key
       LEFT JOIN vectors ON vectors.record = key AND vectors.generation = $generation
       WHERE collection = $collection AND key > $after ORDER BY key LIMIT $rows`,
    ),
    moveIn: database.prepare<[object]>(
      `UPDATE records SET vector = vectors.vector, generation = vectors.generation
       FROM vectors WHERE vectors.record = $key AND vectors.generation = $current AND key = $key`,
    ),
    empty: database.prepare<[number, number]>(
      "UPDATE records SET vector = x'', generation = ? WHERE key = ?",
    ),
    forget: database.prepare<[number, number]>(
      'DELETE FROM vectors WHERE record = ? AND generation = ?',
    ),
    grow: database.prepare<[number, number]>(
      'UPDATE collections SET bytes = bytes + ? WHERE key = ?',
    ),
    done: database.prepare<[number, number]>(
      'DELETE FROM generations WHERE collection = ? AND generation = ?',
    ),
  }
}
