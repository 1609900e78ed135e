import type { Slices } from '../../../threads/turns.ts'
import type { Metadata } from '../../metadata.ts'
import type { Database } from './database.ts'
import { TOMBSTONES_KEPT } from './stored-row.ts'

/** How far a reader is with the changes of one collection. */
export interface ChangesSeen {
  /** Records whose last change is up to this one are known. */
  seq: number
  /** Versions that ended up to this one are forgotten. */
  endedSeq: number
}

/** How the changes are read: in slices up to the last one when it began; the few that came since, at once, so that it ends. */
export interface Pace {
  readonly slices: Slices
  readonly until: number
}

export interface ChangesReader {
  /** What it costs the reader to take a version. */
  readonly cost: number
  /** A version is new, or its metadata have changed. */
  changed(key: number, metadata: Metadata): void
  ended(key: number): void
}

interface MetadataRow {
  readonly key: number
  readonly seq: number
  readonly metadata: string
}

/** About what a slice spends on a row, and on this much text of its metadata. */
const COST_OF_ROW = 16
const CHARACTERS_OF_COST = 32

/**
 * Reads the metadata of collections in the order of their last changes, a slice at a time. What changes meanwhile comes
 * later in that order, so a reader that has come to the end knows the collection as it is at that moment.
 */
export class CollectionChanges {
  readonly #statements

  constructor(database: Database) {
    this.#statements = prepareStatements(database)
  }

  pace(slices: Slices): Pace {
    return { slices, until: this.#last() }
  }

  /** Gives the place of a reader that knows nothing yet: nothing that has ended concerns it. */
  begin(): ChangesSeen {
    return { seq: 0, endedSeq: this.#last() }
  }

  /** Reads on until the slice or the changes end, in a transaction of the caller. @returns whether the changes did. */
  read(collection: number, seen: ChangesSeen, reader: ChangesReader, pace: Pace): boolean {
    for (const row of this.#statements.changed.iterate(collection, seen.seq)) {
      reader.changed(row.key, JSON.parse(row.metadata) as Metadata)
      seen.seq = row.seq
      const cost = reader.cost + COST_OF_ROW + row.metadata.length / CHARACTERS_OF_COST
      if (pace.slices.spend(cost) && row.seq <= pace.until) return false
    }
    for (const key of this.#statements.ended.iterate(seen.endedSeq, collection)) reader.ended(key)
    seen.seq = this.#last()
    seen.endedSeq = seen.seq
    return true
  }

  /** Whether a reader may not be told of all versions that have ended: old tombstones are dropped. */
  mayMissEnds({ endedSeq }: ChangesSeen): boolean {
    return this.#last() - endedSeq > TOMBSTONES_KEPT
  }

  liveKeys(collection: number): Iterable<number> {
    return this.#statements.liveKeys.iterate(collection)
  }

  isLive(key: number): boolean {
    return this.#statements.isLive.get(key) !== undefined
  }

  /** Gives the number of the last change of all collections. */
  #last(): number {
    return this.#statements.seq.get()!
  }
}

function prepareStatements(database: Database) {
  return {
    seq: database.prepare<[], number>('SELECT seq FROM state').pluck(),
    changed: database.prepare<[number, number], MetadataRow>(
      'SELECT key, seq, metadata FROM records WHERE collection = ? AND seq > ? ORDER BY seq',
    ),
    ended: database
      .prepare<[number, number], number>(
        'SELECT key FROM tombstones WHERE seq > ? AND collection = ?',
      )
      .pluck(),
    isLive: database.prepare<[number], number>('SELECT 1 FROM records WHERE key = ?').pluck(),
    liveKeys: database
      .prepare<[number], number>('SELECT key FROM records WHERE collection = ?')
      .pluck(),
  }
}
