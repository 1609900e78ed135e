import type { SetQuery } from '../../../index/metric/row-sets.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import type { GallerySets, RecordSet, RecordSetAnswer } from './gallery-sets.ts'
import type { ThreadedSets } from './threaded-sets.ts'

interface Parts {
  readonly sets: ThreadedSets
  readonly slots: RowSlots
  /** Keeps rows that are freed from being used again, until what it returns is called. */
  readonly pin: () => () => void
}

/** Sets of the records of a MemoryGallery. */
export class MemorySets implements GallerySets {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get memoryBytes(): number {
    return this.#parts.sets.memoryBytes
  }

  async put(changes: readonly RecordSet[]): Promise<void> {
    const { sets, pin } = this.#parts
    const ends = new Uint32Array(changes.length)
    const rows: number[] = []
    changes.forEach(({ keys }, i) => {
      for (const key of [...keys].sort((a, b) => a - b)) rows.push(this.#rowOf(key))
      ends[i] = rows.length
    })
    const release = pin()
    try {
      const names = changes.map(({ name }) => name)
      await sets.put({ names, ends, rows: Uint32Array.from(rows) })
    } finally {
      release()
    }
  }

  async search(query: SetQuery): Promise<RecordSetAnswer> {
    const { sets, slots, pin } = this.#parts
    const release = pin()
    try {
      const answer = await sets.search(query)
      const found = answer.found.map((set) => {
        const { row, distance } = set.nearest
        return { ...set, nearest: { id: slots.id(row), distance } }
      })
      return { ...answer, found }
    } finally {
      release()
    }
  }

  forget(): void {
    this.#parts.sets.forget()
  }

  #rowOf(key: number): number {
    const row = this.#parts.slots.rowOfKey(key)
    if (row === undefined) throw new Error(`expected the version ${key} of a record, got none`)
    return row
  }
}
