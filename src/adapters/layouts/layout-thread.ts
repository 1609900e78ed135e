import { UMAP } from 'umap-js'
import type { NeighbourGraph } from '../../collection/maps/layouts.ts'
import type { StopSign } from '../../threads/stop-flags.ts'
import { serveThread } from '../../threads/thread-host.ts'
import { seededRandom } from '../../vector/random.ts'

export type LayoutCalls = typeof calls

interface Layout {
  readonly graph: NeighbourGraph
  readonly seed: number
}

const calls = {
  /** By McInnes, Healy and Melville, UMAP, 2018, from the neighbours that are given. */
  layOut({ graph: { k, neighbours, distances }, seed }: Layout, stop: StopSign): Float32Array {
    const umap = new UMAP({ nComponents: 2, nNeighbors: k, random: seededRandom(seed) })
    umap.setPrecomputedKNN(listsOf(neighbours, k), listsOf(distances, k))
    // With the neighbours given, nothing of the points is read but their number.
    const epochs = umap.initializeFit(Array.from({ length: neighbours.length / k }, () => []))
    for (let epoch = 0; epoch < epochs; epoch++) {
      stop.check()
      umap.step()
    }
    return Float32Array.from(umap.getEmbedding().flat())
  },
}

function listsOf(values: Int32Array | Float32Array, k: number): number[][] {
  return Array.from({ length: values.length / k }, (_, i) => [
    ...values.subarray(i * k, (i + 1) * k),
  ])
}

await serveThread(() => ({ calls }))
