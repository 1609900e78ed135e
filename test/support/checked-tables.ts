import { Aesa } from '../../src/index/metric/survey/aesa.ts'
import { FixedQueriesArray } from '../../src/index/metric/survey/fixed-queries-array.ts'
import { checkItems } from './checked-structures.ts'

export class CheckedAesa<T> extends Aesa<T> {
  check(): string[] {
    const { items, rows, metric } = this
    const problems: string[] = []
    for (const [i, { id, object }] of items.entries()) {
      const computed = items.slice(0, i).map((other) => metric.distance(other.object, object))
      const row = [...(rows[i] ?? [])]
      if (row.length === i && row.every((distance, j) => distance === computed[j])) continue
      problems.push(`the row of object ${id} is ${row.join(' ')}, not ${computed.join(' ')}`)
    }
    checkItems(this, this.stored(), problems)
    return problems
  }
}

export class CheckedFixedQueriesArray<T> extends FixedQueriesArray<T> {
  check(): string[] {
    const problems: string[] = []
    if (this.shape !== null) {
      const { pivots, low, high, items, cells } = this.shape
      const width = low.length / pivots.length
      for (const [i, item] of items.entries()) {
        for (const [j, pivot] of pivots.entries()) {
          const distance = this.metric.distance(pivot.object, item.object)
          const at = width * j + cells[i * pivots.length + j]!
          if (distance >= low[at]! && distance <= high[at]!) continue
          problems.push(`object ${item.id} at ${distance} is outside ${low[at]} to ${high[at]}`)
        }
      }
      const rows = items.map((_, i) => cells.subarray(i * pivots.length, (i + 1) * pivots.length))
      const key = (row: Uint8Array) => Buffer.from(row).toString('hex')
      if (rows.some((row, i) => i > 0 && key(rows[i - 1]!) > key(row))) {
        problems.push('the cells are not in order')
      }
    }
    checkItems(this, this.stored(), problems)
    return problems
  }
}
