import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleBatch } from '../../../src/learning/heads/batches.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { failsWith } from '../../support/errors.ts'

/** 9 classes; class c has c images, numbered 100 c, 100 c + 1, … */
const members = Array.from({ length: 9 }, (_, c) =>
  Array.from({ length: c }, (_, i) => 100 * c + i),
)
const classOf = (image: number) => Math.floor(image / 100)

test('a batch is P classes of K images, different where the class has enough', () => {
  for (let seed = 0; seed < 50; seed++) {
    const batch = sampleBatch(members, { classes: 5, perClass: 4 }, seededRandom(seed))
    assert.equal(batch.length, 20)
    const groups = [0, 1, 2, 3, 4].map((group) => batch.slice(4 * group, 4 * group + 4))
    assert.equal(new Set(groups.map((group) => classOf(group[0]!))).size, 5, `seed ${seed}`)
    for (const group of groups) {
      assert.equal(new Set(group.map(classOf)).size, 1, `seed ${seed}: ${group}`)
      const wanted = Math.min(4, classOf(group[0]!))
      assert.equal(new Set(group).size, wanted, `seed ${seed}: ${group}`)
    }
  }
})

test('with fewer than P classes some give more images, none twice while there are others', () => {
  for (let seed = 0; seed < 20; seed++) {
    const two = [members[8]!, members[7]!]
    const batch = sampleBatch(two, { classes: 3, perClass: 3 }, seededRandom(seed))
    assert.equal(new Set(batch).size, 9, `seed ${seed}: ${batch}`)
    assert.deepEqual(new Set(batch.map(classOf)), new Set([7, 8]), `seed ${seed}`)
  }
})

test('every class and every image comes up', () => {
  const random = seededRandom(4)
  const seen = new Set<number>()
  for (let i = 0; i < 300; i++) {
    for (const image of sampleBatch(members, { classes: 2, perClass: 2 }, random)) seen.add(image)
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    members.flat(),
    'seed 4',
  )
})

test('the same seed gives the same batch', () => {
  const shape = { classes: 4, perClass: 4 }
  const batch = () => sampleBatch(members, shape, seededRandom(9))
  assert.deepEqual(batch(), batch())
  assert.notDeepEqual(batch(), sampleBatch(members, shape, seededRandom(10)))
})

test('classes without images give no batch', () => {
  const sample = () => sampleBatch([[], []], { classes: 2, perClass: 2 }, seededRandom(1))
  assert.throws(sample, failsWith('TRAINING_INVALID'))
})
