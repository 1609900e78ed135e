import { mergeAnswers } from '../../src/index/merge-answers.ts'
import { splitRows } from '../../src/index/rows-range.ts'
import { MAX_SHARED_K, sharedRadii } from '../../src/index/shared-radius.ts'
import type { SpaceKind } from '../../src/vector/space.ts'
import { type Levels, searchedRows } from '../support/coded-rows.ts'
import { describeVectorIndex } from '../support/vector-index-contract.ts'

/** In parts, one after the other, each of which knows what those before it have found. */
function describeShared(name: string, levels: Levels, parts: number): void {
  describeVectorIndex(name, async (vectors, space: SpaceKind) => {
    const { rows, codes, search } = searchedRows(vectors, levels)
    return {
      index: {
        space,
        dimensions: rows.layout.dimensions,
        async search(query) {
          // Beside a query for more, so that its own places are not all there are.
          const queries = [{ ...query, k: query.k + 5 }, query]
          const k = Math.min(query.k, MAX_SHARED_K) + 5
          const radii = query.k > MAX_SHARED_K ? null : sharedRadii(queries.length, parts, k)
          const answers = splitRows(rows.count, parts).map((range, part) => {
            const shared = { part, radii }
            return search.search(rows.view(), codes, space, queries, range, shared)[1]!
          })
          return mergeAnswers(answers, query.k, query.from)
        },
      },
      close: async () => {},
    }
  })
}

describeShared('parts that share their radius', { prefix: true, coded: () => true }, 2)
describeShared(
  'parts that share their radius, half of the rows without codes, no prefix level',
  { prefix: false, coded: (row) => row % 64 < 37 },
  3,
)
