import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Projector } from '../../src/kernels/projector.ts'
import { principalSubspace, project } from '../../src/vector/principal-subspace.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { SCAN_MODULE } from '../support/kernels.ts'
import { gaussianVectors, sampleOf } from '../support/random-vectors.ts'

const RANK = 8

test('coordinates and what lies outside are those of a plain loop, whichever basis was used before', () => {
  const seed = 21
  const random = seededRandom(seed)
  const projector = new Projector(SCAN_MODULE)
  for (const dimensions of [9, 784, 5000, 64]) {
    const vectors = gaussianVectors(random, 20, dimensions)
    const { basis } = principalSubspace(sampleOf(vectors), dimensions, RANK, random, {
      iterations: 1,
    })
    for (const vector of vectors.slice(0, 3)) {
      const own = Float64Array.from(vector)
      const wanted = new Float64Array(RANK)
      project(basis, own, wanted)
      let squared = own.reduce((sum, x) => sum + x * x, 0)
      const length = Math.sqrt(squared)
      for (const x of wanted) squared -= x * x
      const room = projector.vector(basis, dimensions)
      assert.equal(room.length, dimensions)
      room.set(vector)
      const what = `seed ${seed}, ${dimensions} numbers`
      for (const [k, x] of projector.project().entries()) {
        assert.ok(Math.abs(x - wanted[k]!) < 1e-13 * length, `${what}: coordinate ${k}: ${x}`)
      }
      const outside = projector.outsideNorm()
      const expected = Math.sqrt(Math.max(0, squared))
      assert.ok(Math.abs(outside - expected) < 1e-6 * length, `${what}: outside ${outside}`)
    }
  }
})
