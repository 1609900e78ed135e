import type { IdentityValue } from '../../identity-value.ts'

/** Knows which versions of records are of which camera. */
export class RecordCameras {
  readonly #keys = new Map<IdentityValue, Set<number>>()
  readonly #ofKey = new Map<number, IdentityValue>()

  /** Moves a version to a camera; null: to none. */
  set(key: number, camera: IdentityValue | null): void {
    const before = this.#ofKey.get(key)
    if (before === (camera ?? undefined)) return
    if (before !== undefined) {
      const keys = this.#keys.get(before)!
      keys.delete(key)
      if (keys.size === 0) this.#keys.delete(before)
      this.#ofKey.delete(key)
    }
    if (camera === null) return
    const keys = this.#keys.get(camera) ?? new Set()
    this.#keys.set(camera, keys.add(key))
    this.#ofKey.set(key, camera)
  }

  *of(cameras: Iterable<IdentityValue>): Generator<number> {
    for (const camera of new Set(cameras)) yield* this.#keys.get(camera) ?? []
  }
}
