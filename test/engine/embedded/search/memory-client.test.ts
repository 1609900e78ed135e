import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryClient } from '../../../../src/engine/embedded/search/memory-client.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { failsWith } from '../../../support/errors.ts'
import type { FactCalls, FactNotices } from '../../../support/fact-thread.ts'

test('a thread is given a fact once, a changed one again, and both anew when it was started again', async () => {
  const script = new URL('../../../support/fact-thread.js', import.meta.url)
  const thread = memoryClient<FactCalls, FactNotices>(
    'the fact thread',
    script,
    new BlockMemory(),
    {
      start: 'always',
    },
  )
  const words = new SharedArrayBuffer(4)
  const provide = (value: unknown) => thread.provide('fact', value)
  const facts = async () => {
    const { times, last } = await thread.call('facts', undefined)
    return [times, (last as { count: number }).count]
  }
  try {
    provide({ count: 1, words })
    provide({ count: 1, words })
    assert.deepEqual(await facts(), [1, 1], 'the same once')
    provide({ count: 1, words: new SharedArrayBuffer(4) })
    assert.deepEqual(await facts(), [2, 1], 'other memory is another fact')
    provide({ count: 2, words })
    assert.deepEqual(await facts(), [3, 2])
    await assert.rejects(thread.call('die', undefined), failsWith('THREAD_FAILED'))
    provide({ count: 2, words })
    assert.deepEqual(await facts(), [1, 2], 'the new thread knew nothing')
  } finally {
    await thread.close()
  }
})
