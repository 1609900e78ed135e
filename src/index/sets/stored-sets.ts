import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { NO_CHECK } from '../metric/search.ts'
import type { FoundSet, SetAnswer, SetChanges, SetName, SetQuery } from './row-sets.ts'
import { compareSets } from './set-distance.ts'
import { type ScannedSet, scanSets } from './set-scan.ts'
import { StoredSet } from './stored-set.ts'

type Vectors = readonly Float32Array[]

/** Sets of vectors by name, searched one by one. */
export class StoredSets {
  readonly #space: SpaceKind
  readonly #compareNames: (a: SetName, b: SetName) => number
  readonly #byName = new Map<SetName, StoredSet>()
  #rows = 0

  constructor(space: SpaceKind, compareNames: (a: SetName, b: SetName) => number) {
    this.#space = space
    this.#compareNames = compareNames
  }

  /** The number of rows in all sets together. */
  get rows(): number {
    return this.#rows
  }

  /** @param vectorOf gives a copy: sets are compared with after their rows are gone. */
  put({ names, ends, rows }: SetChanges, vectorOf: (row: number) => Float32Array): void {
    let start = 0
    names.forEach((name, i) => {
      const own = rows.slice(start, ends[i])
      start = ends[i]!
      this.#rows += own.length - (this.#byName.get(name)?.rows.length ?? 0)
      if (own.length === 0) this.#byName.delete(name)
      else this.#byName.set(name, new StoredSet(name, own, Array.from(own, vectorOf)))
    })
  }

  /** @param check is called before each set or view is compared, and ends the search by what it throws. */
  search(
    { of, distance = 'hausdorff', k, radius, without }: SetQuery,
    check: () => void = NO_CHECK,
  ): SetAnswer {
    const self = of.kind === 'set' ? this.#named(of.name) : null
    const views = of.kind === 'set' ? this.#named(of.name).vectors : of.vectors
    const searched = this.#searched(without)
    const others = searched.filter(({ name }) => name !== self?.name)
    const query = { views, distance, space: this.#space, k, radius, check }
    const found = scanSets(others, query, this.#compareNames)
    return {
      found: found.map((one) => this.#describe(one, views, check)),
      sets: searched.length,
      compared: others.length,
    }
  }

  /** Gives all sets but for the rows left out; those of nothing else are left out too. */
  #searched(without: Uint32Array | undefined): StoredSet[] {
    const all = [...this.#byName.values()]
    if (without === undefined) return all
    return all.map((set) => set.without(without)).filter((set) => set !== null)
  }

  #named(name: SetName): StoredSet {
    const set = this.#byName.get(name)
    if (set === undefined) throw new Error(`there is no set ${name}`)
    return set
  }

  #describe({ set, distance, votes }: ScannedSet, views: Vectors, check: () => void): FoundSet {
    const { name, rows, vectors } = set
    const compared = compareSets(views, vectors, check)
    const published = (squared: number) => distanceFromSquared(this.#space, squared)
    const least = compared.ofRows.indexOf(Math.min(...compared.ofRows))
    return {
      name,
      distance,
      size: rows.length,
      nearest: { row: rows[least]!, distance: published(compared.ofRows[least]!) },
      best: compared.ofViews.map(({ row, squared }) => {
        return { row: rows[row]!, distance: published(squared) }
      }),
      ...(votes !== undefined && { votes }),
    }
  }
}
