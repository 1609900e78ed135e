import type { StoreThreads } from './store-threads.ts'
import type { VectorBatch, VectorRange } from './stored-row.ts'

/** Holds at least eight vectors. */
const VECTOR_BYTES_PER_SLICE = 512 * 1024

/** Walks over vectors as `RecordStore.vectors` says. */
export async function* walkVectors(
  scanner: StoreThreads['scanner'],
  collection: number,
  { generation, after: first, upto: end }: VectorRange,
): AsyncGenerator<VectorBatch> {
  // Two for all slices: dropped, each would stay with the thread's allocator until this thread collects garbage.
  let into = new SharedArrayBuffer(VECTOR_BYTES_PER_SLICE)
  let other = new SharedArrayBuffer(VECTOR_BYTES_PER_SLICE)
  const readAfter = (after: number, upto: number | null) => {
    const args = { collection, generation, after, upto, into }
    const slice = scanner.call('vectors', args)
    // Until it is waited for, which may be never.
    slice.catch(() => undefined)
    return slice
  }
  let next = readAfter(first, end)
  for (;;) {
    const { keys, ids, vectors, fingerprints, upto } = await next
    const last = keys.at(-1)
    if (last === undefined) return
    ;[into, other] = [other, into]
    next = readAfter(last, upto)
    yield { keys, ids, vectors, fingerprints }
  }
}
