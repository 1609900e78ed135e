import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import { type GivenPart, givenSplit, splitClasses } from '../../src/learning/split-classes.ts'
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

test('a split that was given is followed, and validation then chooses once', () => {
  const given = numberClasses(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'e', 'f', 'f', 'alone'])
  const parts = (names: string): GivenPart[] =>
    [...names].map((name) => ({ t: 'train', v: 'validation', x: 'test' })[name] as GivenPart)
  const {
    folds,
    validationFolds,
    test: held,
  } = givenSplit(given, parts('xxttvvttvvxxt'), seededRandom(1))
  assert.deepEqual(
    [...folds, held].map(({ labels: names }) => names),
    [
      ['c', 'e'],
      ['b', 'd'],
      ['a', 'f'],
    ],
  )
  assert.deepEqual([validationFolds, folds[1]!.rows, held.rows], [1, [2, 3, 6, 7], [0, 1, 10, 11]])

  const drawn = givenSplit(given, parts('xxttttttttxxt'), seededRandom(1))
  assert.deepEqual(
    [drawn.validationFolds, drawn.folds.length, drawn.test.labels],
    [2, 2, ['a', 'f']],
  )
  assert.deepEqual(drawn.folds.flatMap(({ labels: names }) => names).sort(), ['b', 'c', 'd', 'e'])

  const refused = (names: string) => () => givenSplit(given, parts(names), seededRandom(1))
  assert.throws(refused('xtttvvttvvxxt'), failsWith('TRAINING_INVALID', 'a in test and train'))
  assert.throws(refused('xxttvvttttxxt'), failsWith('TRAINING_INVALID', '2 classes', /got 1$/))
  assert.throws(refused('xxttxxxxxxxxt'), failsWith('TRAINING_INVALID', 'at least 4', /got 1$/))
  assert.throws(refused('xxttttttttttx'), failsWith('TRAINING_INVALID', 'for test, got 1'))
})
