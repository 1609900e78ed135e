import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryThread } from '../../../../src/engine/embedded/search/memory-thread.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { failsWith } from '../../../support/errors.ts'

interface Said {
  readonly number: number
  readonly times: number
  readonly last: unknown
}

test('a thread is told a fact once, a changed one again, and both anew when it was started again', async () => {
  const script = new URL('../../../support/told-thread.js', import.meta.url)
  const thread = new MemoryThread<'say' | 'die', Said>(script, null, new BlockMemory())
  const words = new SharedArrayBuffer(4)
  const tell = (value: unknown) => thread.tell({ kind: 'fact', value })
  const said = async () => {
    const { times, last } = await thread.ask('say')
    return [times, (last as { count: number }).count]
  }
  try {
    tell({ count: 1, words })
    tell({ count: 1, words })
    assert.deepEqual(await said(), [1, 1], 'the same once')
    tell({ count: 1, words: new SharedArrayBuffer(4) })
    assert.deepEqual(await said(), [2, 1], 'other memory is another fact')
    tell({ count: 2, words })
    assert.deepEqual(await said(), [3, 2])
    await assert.rejects(thread.ask('die'), failsWith('THREAD_FAILED'))
    tell({ count: 2, words })
    assert.deepEqual(await said(), [1, 2], 'the new thread knew nothing')
  } finally {
    await thread.close()
  }
})
