import type { MemoryGallery } from '../../src/engine/embedded/memory-gallery.ts'
import type { TreeKind } from '../../src/index/metric/row-tree.ts'
import { EVERYTHING } from './open-gallery.ts'

/** Until the tree answers with every change of now; a scan does meanwhile. */
export async function treeReady(gallery: MemoryGallery, exactIndex: TreeKind): Promise<void> {
  const [sample] = await gallery.sample(1, () => 0)
  for (;;) {
    const { plan } = await gallery.search({ ...EVERYTHING, vector: sample!.vector, exactIndex })
    if (plan === exactIndex) return
  }
}
