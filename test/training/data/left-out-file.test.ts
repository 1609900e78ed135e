import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftOutLines } from '../../../src/training/data/left-out-file.ts'

test('a line for each reason tells five names, and how many more there are', () => {
  const texts = Array.from({ length: 8 }, (_, i) => ({ file: `${i}.txt`, reason: 'no image' }))
  assert.deepEqual(leftOutLines([...texts, { file: '.git/', reason: 'excluded by .*' }]), [
    'left out 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more: no image',
    'left out .git/: excluded by .*',
  ])
  assert.deepEqual(leftOutLines([]), [])
})
