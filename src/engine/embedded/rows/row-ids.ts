import { MAX_ID_BYTES } from '../../collection-spec.ts'
import { RowTable } from './row-table.ts'

/** Bytes of ids that are no longer needed, up to which they are left where they are. */
const MIN_GARBAGE = 64 * 1024

/**
 * The ids of rows, as UTF-8 in one buffer: a string of its own would take more room than the id. A
 * row keeps its id when it is forgotten, until it gets another.
 */
export class RowIds {
  /** Each id has two bytes of length, then its UTF-8. */
  #bytes = Buffer.alloc(4096)
  #end = 0
  #garbage = 0
  /** Where the id of a row begins. */
  #starts = new Uint32Array(64)
  #rows = 0
  readonly #table = new RowTable((row) => hash(this.#bytes, this.#starts[row]!))
  /** The id that is looked for, or set, in the same form. */
  readonly #wanted = Buffer.alloc(2 + MAX_ID_BYTES)

  /** The number of rows that have an id: those below it. */
  get rows(): number {
    return this.#rows
  }

  get memoryBytes(): number {
    return this.#bytes.byteLength + this.#starts.byteLength + this.#table.memoryBytes
  }

  /** Makes room for this many rows at once, but for the bytes of their ids. */
  reserve(rows: number): void {
    this.#table.reserve(rows)
    if (rows > this.#starts.length) this.#growStarts(rows)
  }

  id(row: number): string {
    const start = this.#starts[row]!
    return this.#bytes.toString('utf8', start + 2, start + 2 + lengthAt(this.#bytes, start))
  }

  /** Orders the ids of two rows as `compareIds` does, without making them: UTF-8 sorts by code point. */
  compare(a: number, b: number): number {
    const bytes = this.#bytes
    const [from, of] = [this.#starts[a]!, this.#starts[b]!]
    const [end, ofEnd] = [from + 2 + lengthAt(bytes, from), of + 2 + lengthAt(bytes, of)]
    return bytes.compare(bytes, of + 2, ofEnd, from + 2, end)
  }

  /** Gives the row that was last set to an id and is not forgotten. */
  rowOf(id: string): number | undefined {
    // UTF-8 has no form for half a surrogate pair: it would be found as another id.
    const bytes = Buffer.byteLength(id)
    if (bytes > MAX_ID_BYTES || !id.isWellFormed()) return undefined
    return this.#find(id, bytes)
  }

  /** Gives a row an id; rows get their first in row order. */
  set(row: number, id: string): void {
    const bytes = Buffer.byteLength(id)
    const previous = this.#find(id, bytes)
    if (previous !== undefined) this.#table.delete(previous)
    if (row < this.#rows) this.#garbage += 2 + lengthAt(this.#bytes, this.#starts[row]!)
    else {
      this.#rows++
      if (this.#rows > this.#starts.length) this.#growStarts(row * 2)
    }
    this.#room(2 + bytes, row)
    this.#starts[row] = this.#end
    this.#wanted.copy(this.#bytes, this.#end, 0, 2 + bytes)
    this.#end += 2 + bytes
    this.#table.add(row)
  }

  forget(row: number): void {
    this.#table.delete(row)
  }

  /** Leaves the id in `#wanted`. */
  #find(id: string, idBytes: number): number | undefined {
    const wanted = this.#wanted
    const length = 2 + idBytes
    wanted.writeUInt16LE(idBytes, 0)
    wanted.write(id, 2, 'utf8')
    return this.#table.find(hash(wanted, 0), (row) => {
      const bytes = this.#bytes
      const start = this.#starts[row]!
      for (let i = 0; i < length; i++) if (bytes[start + i] !== wanted[i]) return false
      return true
    })
  }

  #growStarts(rows: number): void {
    const larger = new Uint32Array(rows)
    larger.set(this.#starts)
    this.#starts = larger
  }

  /** @param without a row whose old id is not needed any more. */
  #room(bytes: number, without: number): void {
    const mostlyGarbage = this.#garbage > MIN_GARBAGE && this.#garbage * 2 > this.#end
    if (mostlyGarbage) this.#compact(without)
    if (this.#end + bytes <= this.#bytes.length) return
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#end + bytes))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }

  #compact(without: number): void {
    const before = this.#bytes
    this.#bytes = Buffer.alloc(before.length)
    this.#end = 0
    this.#garbage = 0
    for (let row = 0; row < this.#rows; row++) {
      if (row === without) continue
      const start = this.#starts[row]!
      const bytes = 2 + lengthAt(before, start)
      before.copy(this.#bytes, this.#end, start, start + bytes)
      this.#starts[row] = this.#end
      this.#end += bytes
    }
  }
}

function lengthAt(bytes: Buffer, start: number): number {
  return bytes[start]! + bytes[start + 1]! * 256
}

/** Hashes an id and its length by FNV-1a (Fowler, Noll and Vo), with a product more: the last bytes reach the high bits. */
function hash(bytes: Buffer, start: number): number {
  const end = start + 2 + lengthAt(bytes, start)
  let sum = 0x811c9dc5
  for (let i = start; i < end; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193)
  return Math.imul(sum ^ (sum >>> 15), 0x9e3779b1) >>> 0
}
