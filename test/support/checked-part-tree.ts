import type { Item } from '../../src/index/metric/search.ts'
import { itemsOfPart, type Part } from '../../src/index/metric/survey/part.ts'
import { PartTree } from '../../src/index/metric/survey/part-tree.ts'
import { checkItems } from './checked-structures.ts'

/** Any tree of parts that looks into itself: computes each stored distance again. */
export class CheckedPartTree<T> extends PartTree<T> {
  check(): string[] {
    const problems: string[] = []
    if (this.shape !== null) this.#checkPart(this.shape, [], [], problems)
    checkItems(this, this.stored(), problems)
    return problems
  }

  /**
   * @param way the centres on the way here.
   * @param farther pairs of which the first is as near to every item here as the second, or nearer.
   */
  #checkPart(
    part: Part<T>,
    way: readonly Item<T>[],
    farther: readonly (readonly [Item<T>, Item<T>])[],
    problems: string[],
  ): void {
    for (const item of itemsOfPart(part)) {
      for (const [near, far] of farther) {
        if (this.#between(near, item) <= this.#between(far, item)) continue
        problems.push(`object ${item.id} is nearer to ${far.id} than to its centre ${near.id}`)
      }
    }
    for (const { item, path } of part.entries) {
      const computed = way.slice(0, path.length).map((centre) => this.#between(centre, item))
      const length = Math.min(this.structure.paths, way.length)
      if (path.length === length && path.every((distance, i) => distance === computed[i])) continue
      problems.push(`object ${item.id} has the path ${path.join(' ')}, not ${computed.join(' ')}`)
    }
    const { centres, firstOwn, children } = part
    for (const [i, { rings, low, high, part: below }] of children.entries()) {
      const own = firstOwn === null ? null : centres[firstOwn + i]!
      for (const item of [...itemsOfPart(below), ...(own === null ? [] : [own])]) {
        const within = centres.map((centre, j) => {
          const distance = this.#between(centre, item)
          return distance >= low[j]! && distance <= high[j]!
        })
        if (rings === 'any' ? within.includes(true) : !within.includes(false)) continue
        problems.push(`object ${item.id} is outside ${rings} of ${low.join(' ')} ${high.join(' ')}`)
      }
      // What a centre from above is nearer than, each centre in its place is nearer than too.
      const inherited = farther.filter(([near]) => near === centres[0]).map(([, far]) => far)
      const pairs = [...centres, ...inherited].map((far) => [own ?? far, far] as const)
      this.#checkPart(below, [...way, ...centres], pairs, problems)
    }
  }

  #between(a: Item<T>, b: Item<T>): number {
    return this.metric.distance(a.object, b.object)
  }
}
