import { mergeAnswers } from '../../../src/index/scan/merge-answers.ts'
import { splitRows } from '../../../src/index/scan/rows-range.ts'
import { chunkRows, sharedSearch } from '../../../src/index/scan/shared-search.ts'
import type { SpaceKind } from '../../../src/vector/space.ts'
import { type Levels, searchedRows } from '../../support/coded-rows.ts'
import { describeRowIndex } from '../../support/row-index-contract.ts'

/**
 * In parts, one after the other, each of which knows what those before it have found; in chunks, those before it have
 * taken all the rows.
 */
function describeShared(name: string, levels: Levels, parts: number, inChunks: boolean): void {
  describeRowIndex(name, async (vectors, space: SpaceKind) => {
    const { rows, codes, search } = searchedRows(vectors, levels)
    return {
      index: {
        space,
        dimensions: rows.layout.dimensions,
        async search(query) {
          // Beside a query for more, so that its own places are not all there are.
          const queries = [{ ...query, k: query.k + 5 }, query]
          const chunk = inChunks ? chunkRows(rows.count, parts) : null
          const shared = sharedSearch(queries.length, { parts, k: query.k + 5, chunk })
          const all = { first: 0, end: rows.count }
          const answers = splitRows(rows.count, parts).map((own, part) => {
            const range = inChunks ? all : own
            return search.search(rows.view(), codes, space, queries, range, { part, shared })[1]!
          })
          return mergeAnswers(answers, query.k, query.from)
        },
      },
      close: async () => {},
    }
  })
}

const all = { prefix: true, coded: () => true }
const half = { prefix: false, coded: (row: number) => row % 64 < 37 }
const withoutPrefix = 'half of the rows without codes, no prefix level'

describeShared('parts that share their radius', all, 2, false)
describeShared(`parts that share their radius, ${withoutPrefix}`, half, 3, false)
describeShared('parts that share radius and rows', all, 2, true)
describeShared(`parts that share radius and rows, ${withoutPrefix}`, half, 3, true)
