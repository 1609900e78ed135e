import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastestBatch } from '../../src/embedding/fastest-batch.ts'

/** Tries a machine that takes `ms(batch)` for a batch, and lists the sizes that it ran. */
async function tried(largest: number, ms: (batch: number) => number) {
  let now = 0
  const sizes = new Set<number>()
  const chosen = await fastestBatch({
    largest,
    clock: () => now,
    run: async (batch) => {
      sizes.add(batch)
      now += ms(batch)
    },
  })
  return { chosen, sizes: [...sizes] }
}

test('where a batch takes as long as its images one by one, each goes alone', async () => {
  assert.equal((await tried(32, (batch) => 2 * batch)).chosen, 1)
})

test('where most of the time is spent on starting, the largest batch is taken', async () => {
  assert.deepEqual(await tried(32, (batch) => 1 + 0.01 * batch), {
    chosen: 32,
    sizes: [1, 2, 4, 8, 16, 32],
  })
})

test('a batch that grows slow again is not taken', async () => {
  const ms = (batch: number) => (batch <= 4 ? 1 + 0.1 * batch : 2 * batch)
  assert.equal((await tried(32, ms)).chosen, 4)
})

test('a graph that takes one image is tried with one', async () => {
  assert.deepEqual((await tried(1, () => 1)).sizes, [1])
})

test('a slow model is not tried for long', async () => {
  assert.deepEqual((await tried(32, (batch) => 100 * batch)).sizes, [1])
})
