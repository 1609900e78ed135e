import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRecipe, checkViews, checkViewsHeld, recipeOf } from '../../src/learning/recipe.ts'
import { failsWith } from '../support/errors.ts'

test('the views of all images together are at most 200,000, and one of each is always held', () => {
  checkViewsHeld(5, 40_000)
  checkViewsHeld(1, 100_000)
  assert.throws(
    () => checkViewsHeld(3, 100_000),
    failsWith('TRAINING_INVALID', 'at most 2 views of each of 100000 images', '3'),
  )
})

test('divided heads need a start beside inner maps', () => {
  const learners = { kind: 'slices', count: 2 } as const
  const of = (starts: readonly ['inner', ...'pca'[]]) =>
    recipeOf({ kind: 'margin' }, { learners, starts })
  checkRecipe(of(['inner', 'pca']))
  assert.throws(
    () => checkRecipe(of(['inner'])),
    failsWith('TRAINING_INVALID', 'beside inner', 'divided heads'),
  )
})

test('stored vectors have one view', () => {
  checkViews(1)
  assert.throws(() => checkViews(2), failsWith('TRAINING_INVALID', '1 view', '2'))
})
