import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addQuery, emptyClassSums } from '../../../src/evaluation/class-sums.ts'
import { measuresOf } from '../../../src/evaluation/rank-measures.ts'
import { type Candidate, choosePlan, type Plan } from '../../../src/learning/choice/choose-plan.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const BACKBONE = { kind: 'backbone' } as const
const PCA = { kind: 'pca' } as const
const HEAD = { kind: 'head', start: 'pca' } as const

/** One query a class, whose only match has this rank: MAP@R is 1 at rank 1 and 0 behind. */
function candidate(plan: Plan, ranks: readonly number[]): Candidate {
  const sums = emptyClassSums(ranks.length)
  for (const [number, rank] of ranks.entries()) {
    addQuery(sums, number, measuresOf(Uint32Array.of(rank)))
  }
  return { plan, sums }
}

const choose = (ranks: Record<'backbone' | 'pca' | 'head', readonly number[]>) =>
  choosePlan(
    candidate(BACKBONE, ranks.backbone),
    [candidate(PCA, ranks.pca), candidate(HEAD, ranks.head)],
    seededRandom(1),
  )

const half = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 2))
const allButOne = half.map((_, i) => (i === 0 ? 2 : 1))

test('the best candidate is chosen when it beats the backbone in nearly every draw of classes', () => {
  const { chosen, beatsBackbone, lift } = choose({ backbone: half, pca: half, head: allButOne })
  assert.equal(chosen, HEAD)
  assert.equal(beatsBackbone, true)
  assert.ok(Math.abs(lift.value - 0.45) < 1e-12, `got ${lift.value}`)
})

test('a gain in one class and no loss elsewhere is no proof: the backbone stays', () => {
  const oneMore = half.map((rank, i) => (i === 1 ? 1 : rank))
  const { chosen, beatsBackbone, best } = choose({ backbone: half, pca: half, head: oneMore })
  assert.equal(best, HEAD)
  assert.equal(beatsBackbone, false)
  assert.equal(chosen, BACKBONE)
})

test('where all are worse the backbone stays', () => {
  const worse = half.map(() => 2)
  assert.equal(choose({ backbone: half, pca: worse, head: worse }).chosen, BACKBONE)
})

test('of equally good candidates the first, the simpler, is chosen', () => {
  const { chosen } = choose({ backbone: half, pca: allButOne, head: allButOne })
  assert.equal(chosen, PCA)
})
