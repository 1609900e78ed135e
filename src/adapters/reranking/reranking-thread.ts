import type { RerankedVectors } from '../../collection/rerank/rerank.ts'
import { pairDistances } from '../../evaluation/distances.ts'
import { DEFAULT_K_RECIPROCAL, kReciprocalDistances } from '../../evaluation/k-reciprocal.ts'
import type { StopSign } from '../../threads/stop-flags.ts'
import { serveThread } from '../../threads/thread-host.ts'
import { matrixOf } from '../../vector/row-matrix.ts'

export type RerankingCalls = typeof calls

const calls = {
  async kReciprocal({ values, dimensions, ...options }: RerankedVectors, stop: StopSign) {
    const check = () => stop.check()
    const vectors = matrixOf(values, dimensions)
    const squared = await pairDistances(vectors, check).measure(0, vectors.count)
    return kReciprocalDistances(squared, 1, { ...DEFAULT_K_RECIPROCAL, ...options }, check)
  },
}

await serveThread(() => ({ calls }))
