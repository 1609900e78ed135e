import type { SetQuery } from '../../../index/sets/row-sets.ts'
import { setBit, sharedBits } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { IdentityValue } from '../../identity-value.ts'
import type { IdentityAnswer } from '../../query.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import type { SetThread } from './set-thread.ts'

/** The set of an identity's records as it is from now on; one without keys is forgotten. */
export interface RecordSet {
  readonly identity: IdentityValue
  readonly keys: readonly number[]
}

interface VersionSetQuery extends Omit<SetQuery, 'without'> {
  /** Versions that are left out of their sets. */
  readonly withoutKeys: readonly number[]
}

type Rows = Pick<GenerationRows, 'slots' | 'vectors' | 'pin'>

/**
 * Sets of records of one generation, searched exactly by their distances in a thread that has copies of their vectors.
 * `put` and `search` take effect in the order of their calls. Both throw SHUTTING_DOWN, and THREAD_FAILED, after which
 * sets may be missing: `forget`, and put all of them again.
 */
export class RecordSets {
  readonly #thread: SetThread
  readonly #rows: Rows
  readonly #space: SpaceKind
  /** The number of the sets in the thread; null before anything is put. */
  #number: number | null = null
  /** Rows in the sets. */
  #held = 0

  constructor(thread: SetThread, rows: Rows, space: SpaceKind) {
    this.#thread = thread
    this.#rows = rows
    this.#space = space
  }

  get memoryBytes(): number {
    return this.#held * this.#rows.vectors.layout.dimensions * 4
  }

  async put(changed: readonly RecordSet[]): Promise<void> {
    const ends = new Uint32Array(changed.length)
    const numbers: number[] = []
    changed.forEach(({ keys }, i) => {
      for (const key of [...keys].sort((a, b) => a - b)) {
        const row = this.#rows.slots.rowOfKey(key)
        if (row === undefined) throw new Error(`expected the version ${key} of a record, got none`)
        numbers.push(row)
      }
      ends[i] = numbers.length
    })
    const names = changed.map(({ identity }) => identity)
    const changes = { names, ends, rows: Uint32Array.from(numbers) }
    const first = this.#number === null
    this.#number ??= this.#thread.sets++
    const sets = this.#number
    const rows = this.#rows.vectors.view()
    const put = { sets, first, space: this.#space, rows, changes }
    const held = await pinned(this.#rows, () => this.#thread.client.call('put', put))
    if (sets === this.#number) this.#held = held
  }

  /** To be called after the first `put`. It ends with the reason of `signal` when that aborts. */
  search(
    { withoutKeys, ...query }: VersionSetQuery,
    signal?: AbortSignal,
  ): Promise<Omit<IdentityAnswer, 'tooLarge'>> {
    const { slots } = this.#rows
    return pinned(this.#rows, async () => {
      const left = withoutKeys.length === 0 ? {} : { without: this.#bitsOf(withoutKeys) }
      const search = { sets: this.#number!, query: { ...query, ...left } }
      const { found, sets, compared } = await this.#thread.client.call('search', search, { signal })
      const record = ({ row, distance }: { readonly row: number; readonly distance: number }) => {
        return { id: slots.id(row), distance }
      }
      const matches = found.map(({ name, size, nearest, best, ...rest }) => ({
        identity: name,
        records: size,
        nearest: record(nearest),
        best: best.map(record),
        ...rest,
      }))
      return { matches, identities: sets, compared }
    })
  }

  #bitsOf(keys: readonly number[]): Uint32Array {
    const { slots, vectors } = this.#rows
    const bits = sharedBits(vectors.count)
    for (const key of keys) {
      const row = slots.rowOfKey(key)
      if (row !== undefined) setBit(bits, row)
    }
    return bits
  }

  /** Forgets all sets, as if none had ever been put. */
  forget(): void {
    if (this.#number === null) return
    // A thread that has ended holds no sets any more.
    this.#thread.client.call('drop', { sets: this.#number }).catch(() => undefined)
    this.#number = null
    this.#held = 0
  }
}
