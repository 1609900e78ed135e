import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '../../../../src/engine/filter.ts'
import { withEngine } from '../../../support/open-engine.ts'
import { sampleSpec } from '../../../support/sample-records.ts'

const WRITES = 80
const IN_A = { who: 'a', ok: true }

/**
 * Moves one record between the identities a and b over and over, and looks for both with a filter meanwhile.
 * @returns every answer that was given: the records of each identity.
 */
async function answersWhile(write: 'put' | 'patch', okInB: boolean): Promise<ReadonlySet<string>> {
  const answers = new Set<string>()
  await withEngine(async (engine) => {
    const spec = sampleSpec({ dimensions: 2, fields: [], identityField: 'who' })
    const { collection } = await engine.create(spec)
    const put = (id: string, metadata: { who: string; ok: boolean }) => {
      const vector = Float32Array.of(1, 2)
      return collection.put({ id, vector, metadata, image: null, content: null })
    }
    await Promise.all([put('a0', IN_A), put('b0', { who: 'b', ok: true }), put('x', IN_A)])
    const by = { kind: 'vectors', vectors: [Float32Array.of(1, 1)] } as const
    const asked = { by, distance: 'template', k: 5, radius: Number.POSITIVE_INFINITY } as const
    const filter = parseFilter({ ok: true })
    const search = async () => {
      const { generation, release } = collection.pin()
      try {
        const { matches } = await generation.searchIdentities({ ...asked, filter })
        const answer = matches.map(({ identity, records }) => `${identity} ${records}`).join(', ')
        answers.add(answer)
        return answer
      } finally {
        release()
      }
    }
    let writing = true
    const writer = async () => {
      for (let i = 1; i <= WRITES; i++) {
        const metadata = i % 2 === 0 ? IN_A : { who: 'b', ok: okInB }
        if (write === 'put') await put('x', metadata)
        else await collection.patch('x', metadata)
        if (i % 8 > 1) continue
        const expected = i % 2 === 0 ? 'a 2, b 1' : okInB ? 'a 1, b 2' : 'a 1, b 1'
        assert.equal(await search(), expected, 'after the write')
      }
      writing = false
    }
    const searcher = async () => {
      while (writing) await search()
    }
    await Promise.all([writer(), searcher(), searcher(), searcher()])
  })
  return answers
}

for (const write of ['put', 'patch'] as const) {
  test(`a record that ${write} moves and that always meets the filter is in one identity of every answer`, async () => {
    assert.deepEqual(await answersWhile(write, true), new Set(['a 2, b 1', 'a 1, b 2']))
  })

  test(`a record that ${write} moves and that meets the filter in one identity is never in the other`, async () => {
    assert.deepEqual(await answersWhile(write, false), new Set(['a 2, b 1', 'a 1, b 1']))
  })
}
