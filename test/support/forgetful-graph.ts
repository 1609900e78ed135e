import type {
  ApproximateIndex,
  FoundVersions,
  VersionedRows,
} from '../../src/index/graph/approximate-index.ts'

/** A graph that finds every other record only: for as long as it holds versions that have ended, or for ever. */
export class ForgetfulGraph implements ApproximateIndex {
  readonly #sound: ApproximateIndex
  readonly #forEver: boolean

  constructor(sound: ApproximateIndex, forEver: boolean) {
    this.#sound = sound
    this.#forEver = forEver
  }

  get state() {
    return this.#sound.state
  }

  get contents() {
    return this.#sound.contents
  }

  get memoryBytes() {
    return this.#sound.memoryBytes
  }

  start(rows: VersionedRows) {
    this.#sound.start(rows)
  }

  written(row: number) {
    this.#sound.written(row)
  }

  freed(row: number) {
    this.#sound.freed(row)
  }

  async search(vector: Float32Array, wanted: number, ef: number): Promise<FoundVersions> {
    const { state } = this.#sound
    const worn = state.kind === 'ready' && state.dead > 0
    if (!worn && !this.#forEver) return this.#sound.search(vector, wanted, ef)
    const { keys } = await this.#sound.search(vector, wanted * 2, Math.max(ef, wanted * 2))
    return { keys: keys.filter((_, i) => i % 2 === 1), ends: null }
  }

  fresh(allowed: Uint32Array | null) {
    return this.#sound.fresh(allowed)
  }

  rebuild() {
    this.#sound.rebuild()
  }

  erased(): Promise<void> {
    return this.#sound.erased()
  }

  release() {
    this.#sound.release()
  }
}
