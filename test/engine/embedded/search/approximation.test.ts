import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchPage } from '../../../../src/engine/embedded/search/search-page.ts'
import { statistics } from '../../../../src/engine/embedded/statistics.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { assertClose } from '../../../support/assert-close.ts'
import { EVERYTHING } from '../../../support/generation-under-test.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { openGeneration } from '../../../support/open-generation.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'
import { sampleSpec } from '../../../support/sample-records.ts'

const RECORDS = 3000
const DIMENSIONS = 32
const SEED = 78

test('the errors of approximate answers are those of a comparison with all records', async () => {
  const { generation, close } = openGeneration(DIMENSIONS, { graphFrom: 500 })
  try {
    const truth: Truth = new Map()
    for (const [i, vector] of gaussianVectors(seededRandom(SEED), RECORDS, DIMENSIONS).entries()) {
      generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
      truth.set(`r${i}`, { key: i + 1, vector })
    }
    generation.filled()
    while (generation.graph.kind !== 'ready' || generation.graph.fresh > 0) {
      await new Promise(setImmediate)
    }
    const spec = sampleSpec({ dimensions: DIMENSIONS })
    const asked = { radius: null, count: null, seed: SEED }
    const searched = {
      spec,
      generation: 0,
      rows: generation,
      searcher: generation.searcher,
      index: generation.parts.index,
      selections: generation.parts.selections,
      records: {
        matching: async () => new Float64Array(0),
        recordsByKey: async () => [],
        fieldValues: async () => ({ values: [], gone: false }),
      },
    }
    const { approximation, sample } = await statistics(asked, {
      spec,
      rows: generation,
      search: (query, signal) => searchPage(searched, query, signal),
    })
    assert.ok(approximation)
    assert.equal(approximation.queries, sample.queries)
    let distance = 0
    let position = 0
    const drawn = await generation.sample(320, seededRandom(SEED))
    for (const { id, vector } of drawn.slice(0, sample.queries)) {
      const query = {
        ...EVERYTHING,
        vector,
        k: 10,
        without: [id],
        accuracy: 'approximate',
      } as const
      const { hits } = await generation.search(query)
      const all = naiveHits(truth, { ...query, k: RECORDS })
      hits.forEach((hit, place) => {
        distance += hit.distance / all[place]!.distance - 1
        position += all.findIndex((other) => other.id === hit.id) - place
      })
    }
    const places = sample.queries * 10
    assertClose(approximation.distanceError!, distance / places, `seed ${SEED}: distance`)
    assertClose(
      approximation.positionError,
      position / places / (RECORDS - 1),
      `seed ${SEED}: position`,
    )
  } finally {
    await close()
  }
})
