import { RowTree } from '../../src/index/row-tree.ts'
import { TREE_KINDS } from '../../src/index/row-trees.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import { describeVectorIndex } from '../support/vector-index-contract.ts'

for (const kind of TREE_KINDS) {
  describeVectorIndex(`rows in a ${kind}`, async (vectors, space) => {
    const memory = new BlockMemory()
    const dimensions = vectors[0]?.length ?? 3
    const rows = new VectorRows(memory, dimensions)
    for (const vector of vectors) rows.append(vector)
    const tree = new RowTree(kind, space)
    tree.load(memory.segments, rows.view(), vectors.keys())
    return {
      index: {
        space,
        dimensions,
        search: async (query) => tree.search(memory.segments, rows.view(), query),
      },
      async close() {
        rows.release()
      },
    }
  })
}
