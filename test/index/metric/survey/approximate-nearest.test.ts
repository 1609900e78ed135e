import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MTree } from '../../../../src/index/metric/m-tree.ts'
import {
  approximateNearest,
  type StoppingPolicy,
} from '../../../../src/index/metric/survey/approximate-nearest.ts'
import { euclidean } from '../../../../src/vector/metric/minkowski.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { failsWith } from '../../../support/errors.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const SEED = 23
const COUNT = 1500
const QUERIES = 60

const random = seededRandom(SEED)
const objects = gaussianVectors(random, COUNT, 6)
const queries = gaussianVectors(random, QUERIES, 6)
const tree = new MTree({ metric: euclidean, random })
tree.bulkLoad(objects.map((object, i) => [i, object] as const))

const sortedFrom = (query: Float32Array) =>
  Float64Array.from(objects, (object) => euclidean.distance(query, object)).sort()
const sample = Float64Array.from(
  gaussianVectors(random, 100, 6).flatMap((query) => [...sortedFrom(query)]),
).sort()

/** Answers of all queries, the true distances, and the share of the distances of an exact search. */
function ask(k: number, policy: StoppingPolicy) {
  let exactCost = 0
  let cost = 0
  const answers = queries.map((query) => {
    const answer = approximateNearest(tree, query, k, policy)
    exactCost += tree.nearest(query, k).computedDistances
    cost += answer.computedDistances
    const found = answer.distances.toSorted()
    assert.ok(found.length >= k)
    const truth = sortedFrom(query)
    if (answer.exact) {
      assert.deepEqual(answer.guarantee, { kind: 'exact' })
      assert.deepEqual([...found].slice(0, k), [...truth.slice(0, k)])
    }
    return { ...answer, found, truth }
  })
  return { answers, share: cost / exactCost }
}

test('relative error: no distance is beyond 1 + error times the true one, and distances are spared', () => {
  const { answers, share } = ask(5, { kind: 'relative-error', error: 0.5 })
  for (const { found, truth } of answers) {
    for (let i = 0; i < 5; i++) assert.ok(found[i]! <= 1.5 * truth[i]!, `seed ${SEED}, rank ${i}`)
  }
  const left = answers.filter(({ exact }) => !exact)
  assert.ok(left.length > 0 && share < 0.8, `seed ${SEED}: share ${share}`)
  assert.deepEqual(left[0]!.guarantee, { kind: 'relative-error', error: 0.5, probability: 1 })
})

test('good fraction: by the distances of the query itself, all found are among that share', () => {
  let inexact = 0
  for (const query of queries) {
    const distances = sortedFrom(query)
    const policy = { kind: 'good-fraction', share: 0.02, distances } as const
    const answer = approximateNearest(tree, query, 5, policy)
    if (answer.exact) continue
    inexact++
    assert.deepEqual(answer.guarantee, { kind: 'good-fraction', share: 0.02 })
    for (const distance of answer.distances) assert.ok(distance <= distances[0.02 * COUNT - 1]!)
  }
  assert.ok(inexact > QUERIES / 2, `seed ${SEED}: ${inexact}`)
})

test('PAC: at most the allowed share of the answers is beyond the error', () => {
  const policy = {
    kind: 'pac',
    error: 0.3,
    chance: 0.2,
    objects: COUNT,
    distances: sample,
  } as const
  const { answers, share } = ask(1, policy)
  const beyond = answers.filter(({ found, truth }) => found[0]! > 1.3 * truth[0]!).length
  assert.ok(beyond <= 0.2 * QUERIES, `seed ${SEED}: ${beyond} of ${QUERIES}`)
  assert.ok(share < 0.95, `seed ${SEED}: share ${share}`)
  const left = answers.find(({ exact }) => !exact)
  assert.deepEqual(left!.guarantee, { kind: 'relative-error', error: 0.3, probability: 0.8 })
  assert.throws(
    () => approximateNearest(tree, queries[0]!, 2, policy),
    failsWith('INVALID_REQUEST', 'k'),
  )
})

test('small improvement and proximity spare distances and promise nothing', () => {
  for (const policy of [
    { kind: 'small-improvement', within: 40, share: 0.05 },
    { kind: 'proximity', share: 0.002, distances: sample },
  ] as const) {
    const { answers, share } = ask(5, policy)
    assert.ok(share < 0.8, `seed ${SEED}, ${policy.kind}: share ${share}`)
    const left = answers.find(({ exact }) => !exact)
    assert.deepEqual(left!.guarantee, { kind: 'none' }, policy.kind)
  }
})

test('a policy that allows nothing gives exact answers at the cost of an exact search', () => {
  const { answers, share } = ask(5, { kind: 'relative-error', error: 0 })
  assert.ok(answers.every(({ exact }) => exact))
  assert.equal(share, 1)
})

test('a policy of negative numbers, or without a sample, is refused', () => {
  const [query] = queries
  for (const policy of [
    { kind: 'relative-error', error: -0.1 },
    { kind: 'good-fraction', share: 0.1, distances: new Float64Array(0) },
  ] as const) {
    assert.throws(() => approximateNearest(tree, query!, 3, policy), failsWith('INVALID_REQUEST'))
  }
})
