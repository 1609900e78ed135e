import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pagesUpTo } from '../../../src/cli/backend/pages.ts'

/** Asks for the numbers below 7, three in a page. */
async function numbersUpTo(limit: number) {
  const asked: unknown[] = []
  const found = await pagesUpTo(
    { limit, ofPage: 3 },
    async (page) => {
      asked.push(page)
      const start = Number(page.cursor ?? 0)
      const end = Math.min(start + page.limit, 7)
      const numbers = Array.from({ length: end - start }, (_, i) => start + i)
      return { numbers, cursor: end < 7 ? String(end) : null }
    },
    ({ numbers }) => numbers.length,
  )
  return {
    numbers: found.pages.flatMap((page) => page.numbers),
    complete: found.complete,
    asked,
  }
}

test('pages go on by their cursors to the end', async () => {
  assert.deepEqual(await numbersUpTo(100), {
    numbers: [0, 1, 2, 3, 4, 5, 6],
    complete: true,
    asked: [{ limit: 3 }, { limit: 3, cursor: '3' }, { limit: 3, cursor: '6' }],
  })
})

test('the last page asks for no more than the limit leaves', async () => {
  const { numbers, complete, asked } = await numbersUpTo(5)
  assert.deepEqual([numbers.length, complete], [5, false])
  assert.deepEqual(asked.at(-1), { limit: 2, cursor: '3' })
})
