import type { Metric } from '../../../vector/metric/metric.ts'
import type { Random } from '../../../vector/random.ts'
import { checkWhole, type Item, type Search } from '../search.ts'
import type { SnapshotReader } from '../structure-snapshot.ts'
import { BuiltIndex } from './built-index.ts'
import { Grower, type PartStructure } from './grower.ts'
import { type Child, itemsOfPart, type Part, readPart, writePart } from './part.ts'

/** A part on the way of a query, and what is known of it. */
interface Step<T> {
  readonly part: Part<T>
  /** The distances to the first centres on the way; NaN where it was not computed. */
  readonly way: readonly number[]
  /** The centre above that is nearest to every item of the part, and the least distance to any centre of which that is known. */
  readonly owner: Item<T> | null
  readonly rival: number
  /** Every distance to a centre that this search has computed. */
  readonly known: Map<Item<T>, number>
}

interface PartTreeOptions<T> {
  readonly metric: Metric<T>
  readonly random: Random
  readonly structure: PartStructure
}

/** Any tree whose nodes are of the shape `Part`: the structure says how items are parted, and this searches them. */
export class PartTree<T> extends BuiltIndex<T, Part<T>, Step<T>> {
  protected readonly kind: string
  protected readonly structure: PartStructure
  readonly #random: Random

  constructor({ metric, random, structure }: PartTreeOptions<T>) {
    super(metric)
    for (const [name, value] of Object.entries(structure.settings)) checkWhole(name, value, 1)
    this.kind = `${structure.name} ${JSON.stringify(structure.settings)}`
    this.structure = structure
    this.#random = random
  }

  protected grow(items: readonly Item<T>[]): Part<T> {
    const grower = new Grower<T>(this.structure.paths, this.#random, this.between)
    return this.structure.grow(
      items.map((item) => ({ item, path: [] })),
      grower,
    )
  }

  protected enter(part: Part<T>, search: Search<T, Step<T>>): void {
    const rival = Number.POSITIVE_INFINITY
    search.visit({ part, way: [], owner: null, rival, known: new Map() }, 0)
  }

  expand(step: Step<T>, lower: number, search: Search<T, Step<T>>): void {
    const { part, known } = step
    for (const { item, path } of part.entries) {
      const distance = known.get(item)
      if (distance !== undefined) search.offer(item, distance)
      else search.candidate(item, Math.max(lower, this.#pathBound(step.way, path)))
    }
    const { centres, firstOwn, children } = part
    const distances = this.#toCentres(part, known, search)
    const { paths } = this.structure
    const way = step.way.length < paths ? [...step.way, ...distances].slice(0, paths) : step.way
    const rival = firstOwn === null ? Number.POSITIVE_INFINITY : leastRival(step, distances)
    for (let i = 0; i < children.length; i++) {
      const child = children[i]!
      let bound = Math.max(lower, this.#ringBound(child, distances))
      let owner: Item<T> | null = null
      if (firstOwn !== null) {
        const own = firstOwn + i
        owner = centres[own]!
        const halved = this.bounds.hyperplane(distances[own]!, rival, child.high[own]!)
        if (halved > bound) bound = halved
      }
      search.visit({ part: child.part, way, owner, rival, known }, bound)
    }
  }

  /** Computes the distances to the centres, but for those whose parts the ones before have ruled out: NaN. */
  #toCentres(
    { centres, guests, firstOwn, children }: Part<T>,
    known: Map<Item<T>, number>,
    search: Search<T, Step<T>>,
  ): Float64Array {
    const distances = new Float64Array(centres.length).fill(Number.NaN)
    for (let i = 0; i < centres.length; i++) {
      const centre = centres[i]!
      let distance = known.get(centre)
      if (distance === undefined) {
        const child = firstOwn === null ? undefined : children[i - firstOwn]
        if (child !== undefined && this.#ringBound(child, distances) > search.limit) continue
        distance = search.distance(centre)
        known.set(centre, distance)
      }
      distances[i] = distance
      if (i >= guests) search.offer(centre, distance)
    }
    return distances
  }

  /** Bounds what is in a child. A distance that was not computed tells nothing: NaN is neither below nor above. */
  #ringBound({ rings, low, high }: Child<T>, distances: Float64Array): number {
    let bound = rings === 'any' ? Number.POSITIVE_INFINITY : 0
    for (let j = 0; j < low.length; j++) {
      const ring = this.bounds.ring(distances[j]!, low[j]!, high[j]!)
      if (rings === 'any' ? ring < bound : ring > bound) bound = ring
    }
    return bound
  }

  #pathBound(way: readonly number[], path: readonly number[]): number {
    let bound = 0
    for (let i = 0; i < path.length; i++) {
      const apart = this.bounds.apart(way[i]!, path[i]!)
      if (apart > bound) bound = apart
    }
    return bound
  }

  protected itemsOf(part: Part<T>): Iterable<Item<T>> {
    return itemsOfPart(part)
  }

  protected writeShape(part: Part<T>, numbers: number[]): void {
    writePart(part, numbers)
  }

  protected readShape(reader: SnapshotReader<T>): Part<T> {
    return readPart(reader)
  }
}

/**
 * Gives the least distance to a centre that is no nearer to an item below than the own centre of its child. Where the
 * first centre is the owner from above, whose rivals are farther than the owner, so are they than the own centre.
 */
function leastRival<T>({ part, owner, rival }: Step<T>, distances: Float64Array): number {
  let least = part.centres[0] === owner ? rival : Number.POSITIVE_INFINITY
  for (const distance of distances) if (distance < least) least = distance
  return least
}
