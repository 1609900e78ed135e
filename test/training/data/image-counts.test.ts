import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countsText, imagesDone } from '../../../src/training/data/image-counts.ts'

test('counts are told in words, those of nothing only where they always are', () => {
  const counts = { refused: 2, added: 3, replaced: 0, updated: 1, leftOut: 4 }
  assert.equal(countsText(counts), '3 added, 2 refused, 1 metadata updated, 4 left out')
  const always = ['added', 'skipped', 'refused'] as const
  assert.equal(countsText({}, always), '0 added, 0 skipped, 0 refused')
  assert.equal(countsText({ embedded: 5 }), '5 embedded')
})

test('what is left out is no image that is done', () => {
  assert.equal(imagesDone({ added: 1, skipped: 2, refused: 3, leftOut: 100 }), 6)
})
