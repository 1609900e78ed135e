import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import { splitClasses } from '../../src/learning/split-classes.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { failsWith } from '../support/errors.ts'

const labels = Array.from({ length: 200 }, (_, i) => `class ${i % 50}`)
const numbers = numberClasses(labels)
const split = (seed: number) => splitClasses(numbers, 0.4, seededRandom(seed))

test('every class is in one part with all of its images: the share to test, and three folds', () => {
  const { folds, test: held } = split(3)
  const parts = [...folds, held]
  assert.deepEqual(
    parts.map((part) => part.labels.length),
    [10, 10, 10, 20],
  )
  assert.equal(new Set(parts.flatMap((part) => part.labels)).size, 50)
  for (const part of parts) {
    const wanted = [...labels.keys()].filter((row) => part.labels.includes(labels[row]!))
    assert.deepEqual(
      [...part.rows].sort((a, b) => a - b),
      wanted,
    )
  }
})

test('the seed makes the split', () => {
  assert.deepEqual(split(3), split(3))
  assert.notDeepEqual(split(3), split(4))
})

test('six classes are the fewest, two in each part, and classes of one image are in none', () => {
  const pairs = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((label) => [label, label])
  const six = numberClasses(['alone', ...pairs])
  for (const share of [0.05, 0.5, 0.95]) {
    const { folds, test: held } = splitClasses(six, share, seededRandom(1))
    const parts = [...folds, held].map((part) => part.labels)
    assert.deepEqual(
      parts.map((names) => names.length),
      [2, 2, 2],
    )
    assert.deepEqual(parts.flat().sort(), ['a', 'b', 'c', 'd', 'e', 'f'])
  }
  assert.throws(
    () => splitClasses(numberClasses(['alone', ...pairs.slice(2)]), 0.5, seededRandom(1)),
    failsWith('TRAINING_INVALID', '6 classes', 'got 5 and 1 of one image'),
  )
})
