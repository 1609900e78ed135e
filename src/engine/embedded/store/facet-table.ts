import type { Slices } from '../../../threads/turns.ts'
import { type FieldPath, fieldPath } from '../../field-path.ts'
import { type IdentityValue, valuesAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'

/** The most values of one field that are told apart, and the most characters of them. */
const MAX_VALUES = 65_536
const MAX_CHARACTERS = 4 * 1024 * 1024

/** The values of some fields in some versions, by number. */
export interface FacetsOfKeys {
  readonly keys: Float64Array
  /** The numbers of the values of version `i` begin at `starts[i]`; they end where those of the next begin. */
  readonly starts: Uint32Array
  readonly cells: Uint32Array
  /** The values by their numbers. */
  readonly values: readonly IdentityValue[]
  /** The position of the field of each value. */
  readonly fields: readonly number[]
  /** The positions of fields that have more values than are told apart. */
  readonly cut: readonly number[]
}

/** Notes the values of some fields in the versions that meet a filter, each value as a number: metadata are not kept. */
export class FacetTable {
  readonly #paths: readonly FieldPath[]
  readonly #numbers: readonly Map<IdentityValue, number>[]
  readonly #characters: number[]
  readonly #values: IdentityValue[] = []
  readonly #fields: number[] = []
  readonly #cut = new Set<number>()
  /** Where the cells of a version begin: their number, then the numbers of its values. */
  readonly #starts = new Map<number, number>()
  #cells = new Uint32Array(1024)
  #end = 0

  constructor(fields: readonly string[]) {
    this.#paths = fields.map(fieldPath)
    this.#numbers = fields.map(() => new Map())
    this.#characters = fields.map(() => 0)
  }

  /** About what it costs to note a version, as the conditions of a filter do. */
  get cost(): number {
    return 4 * this.#paths.length
  }

  note(key: number, metadata: Metadata): void {
    const found: number[] = []
    for (let field = 0; field < this.#paths.length; field++) {
      for (const value of valuesAt(metadata, this.#paths[field]!)) {
        const number = this.#numberOf(field, value)
        if (number !== null) found.push(number)
      }
    }
    const end = this.#end + 1 + found.length
    if (end > this.#cells.length) this.#grow(end)
    this.#starts.set(key, this.#end)
    this.#cells[this.#end] = found.length
    this.#cells.set(found, this.#end + 1)
    this.#end = end
  }

  /** Gives what was noted last of each of these versions. @throws STOPPED. */
  async of(keys: Float64Array, slices: Slices): Promise<FacetsOfKeys> {
    const starts = new Uint32Array(keys.length + 1)
    // Of a version that was noted twice only the last counts, so that this is enough.
    const cells = new Uint32Array(this.#end)
    let end = 0
    for (let i = 0; i < keys.length; i++) {
      const from = this.#starts.get(keys[i]!)!
      const count = this.#cells[from]!
      for (let c = 1; c <= count; c++) cells[end++] = this.#cells[from + c]!
      starts[i + 1] = end
      if (slices.spend(1)) await slices.next()
    }
    return {
      keys,
      starts,
      cells: cells.slice(0, end),
      values: this.#values,
      fields: this.#fields,
      cut: [...this.#cut],
    }
  }

  #numberOf(field: number, value: IdentityValue): number | null {
    const numbers = this.#numbers[field]!
    const known = numbers.get(value)
    if (known !== undefined) return known
    const characters = typeof value === 'string' ? value.length : 0
    this.#characters[field]! += characters
    if (numbers.size === MAX_VALUES || this.#characters[field]! > MAX_CHARACTERS) {
      this.#cut.add(field)
      return null
    }
    const number = this.#values.length
    numbers.set(value, number)
    this.#values.push(value)
    this.#fields.push(field)
    return number
  }

  #grow(wanted: number): void {
    const larger = new Uint32Array(Math.max(wanted, this.#cells.length * 2))
    larger.set(this.#cells)
    this.#cells = larger
  }
}
