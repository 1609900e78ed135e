import { seededRandom } from '../../src/vector/random.ts'
import type { GenerationUnderTest } from './generation-under-test.ts'
import type { Truth } from './naive-search.ts'
import { HARD_SETS } from './random-vectors.ts'

/** The same records every time, `r0` and on, with their index + 1 as key. */
export function graphRecords(count: number, dimensions: number): Truth {
  const vectors = HARD_SETS.clustered!(seededRandom(17), count, dimensions)
  return new Map(vectors.map((vector, i) => [`r${i}`, { key: i + 1, vector }]))
}

export function fill(generation: GenerationUnderTest, truth: Truth): void {
  for (const [id, { key, vector }] of truth) generation.put({ key, id, vector, replacedKey: null })
  generation.filled()
}

/** Until a graph has every record of now. */
export async function graphSettled(generation: GenerationUnderTest): Promise<void> {
  for (;;) {
    const { graph } = generation
    if (graph.kind === 'failed') throw new Error(graph.reason)
    if (graph.kind === 'ready' && graph.fresh === 0 && graph.rebuilding === null) return
    await new Promise(setImmediate)
  }
}
