import type { SetQuery } from '../../../index/metric/row-sets.ts'
import type { IdentityValue } from '../../identity-value.ts'
import type { IdentityAnswer } from '../../query.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import type { ThreadedSets } from './threaded-sets.ts'

/** The set of an identity's records as it is from now on; one without keys is forgotten. */
export interface RecordSet {
  readonly identity: IdentityValue
  /** Versions of records that the rows hold. */
  readonly keys: readonly number[]
}

/** Sets of records, searched exactly by Hausdorff distance. As ThreadedSets, by the versions that rows hold. */
export class RecordSets {
  readonly #sets: ThreadedSets
  readonly #rows: Pick<GenerationRows, 'slots' | 'pin'>

  constructor(sets: ThreadedSets, rows: Pick<GenerationRows, 'slots' | 'pin'>) {
    this.#sets = sets
    this.#rows = rows
  }

  get memoryBytes(): number {
    return this.#sets.memoryBytes
  }

  async put(changes: readonly RecordSet[]): Promise<void> {
    const ends = new Uint32Array(changes.length)
    const rows: number[] = []
    changes.forEach(({ keys }, i) => {
      for (const key of [...keys].sort((a, b) => a - b)) rows.push(this.#rowOf(key))
      ends[i] = rows.length
    })
    const names = changes.map(({ identity }) => identity)
    const release = this.#rows.pin()
    try {
      await this.#sets.put({ names, ends, rows: Uint32Array.from(rows) })
    } finally {
      release()
    }
  }

  async search(query: SetQuery): Promise<Omit<IdentityAnswer, 'tooLarge'>> {
    const { slots } = this.#rows
    const release = this.#rows.pin()
    try {
      const { found, levels, sets } = await this.#sets.search(query)
      const matches = found.map(({ name, distance, size, nearest }) => ({
        identity: name,
        distance,
        records: size,
        nearest: { id: slots.id(nearest.row), distance: nearest.distance },
      }))
      return { matches, levels, identities: sets }
    } finally {
      release()
    }
  }

  /** Forgets all sets, as if none had ever been put. */
  forget(): void {
    this.#sets.forget()
  }

  #rowOf(key: number): number {
    const row = this.#rows.slots.rowOfKey(key)
    if (row === undefined) throw new Error(`expected the version ${key} of a record, got none`)
    return row
  }
}
