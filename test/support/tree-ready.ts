import type { TreeKind } from '../../src/index/metric/row-tree.ts'
import { EVERYTHING, type GenerationUnderTest } from './generation-under-test.ts'

/** Until the tree answers with every change of now; a scan does meanwhile. */
export async function treeReady(
  generation: GenerationUnderTest,
  exactIndex: TreeKind,
): Promise<void> {
  const [sample] = await generation.sample(1, () => 0)
  for (;;) {
    const { plan } = await generation.search({ ...EVERYTHING, vector: sample!.vector, exactIndex })
    if (plan === exactIndex) return
  }
}
