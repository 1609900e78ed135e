import { DamagedFile } from '../../../files/damaged-file.ts'
import type { RestoredObject } from '../../../index/metric/structure-snapshot.ts'
import type { TruthCheck } from '../cache-files/truth-check.ts'
import { toleratedChanges } from './tolerated-changes.ts'
import type { FiledVector } from './tree-file.ts'

/** The versions in a tree's file, as against those in use. */
export class FiledVersions {
  readonly #truth: TruthCheck
  readonly #missing: Set<number>
  readonly #objects = new Map<number, RestoredObject<Float32Array>>()
  #ended = 0

  constructor(truth: TruthCheck, rowsInUse: Iterable<number>) {
    this.#truth = truth
    this.#missing = new Set(rowsInUse)
  }

  readonly visit = ({ key, id, vector }: FiledVector): void => {
    const row = this.#truth.rowOf(key, vector)
    if (row === null) this.#ended++
    else this.#missing.delete(row)
    this.#objects.set(id, { id: row, object: vector })
  }

  /** By the id that the file names it by. */
  readonly lookup = (id: number): RestoredObject<Float32Array> | undefined => this.#objects.get(id)

  /** Rows in use whose versions are not in the file. */
  get missing(): Uint32Array {
    return Uint32Array.from(this.#missing)
  }

  /** Versions that have ended, or are not in the file. */
  get changes(): number {
    return this.#ended + this.#missing.size
  }

  get summary(): string {
    const { size } = this.#objects
    return `of ${size} records ${this.#ended} have ended since, ${this.#missing.size} are new`
  }

  /** @throws DamagedFile where building anew may take less. */
  checkFresh(): void {
    if (this.changes > toleratedChanges(this.#objects.size)) {
      throw new DamagedFile(`it is out of date: ${this.summary}`)
    }
  }
}
