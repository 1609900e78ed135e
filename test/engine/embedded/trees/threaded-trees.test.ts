import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThreadedTrees } from '../../../../src/engine/embedded/trees/threaded-trees.ts'
import { AppError } from '../../../../src/errors.ts'
import type { RowQuery } from '../../../../src/index/row-index.ts'

const QUERY: RowQuery = {
  vector: Float32Array.of(1),
  k: 1,
  radius: Number.POSITIVE_INFINITY,
  from: -1,
  allowed: null,
}

/** Trees whose thread answers a search as the test says. */
function trees(search: (signal: AbortSignal | undefined) => Promise<unknown>) {
  const thread = {
    async call(kind: string, _args: unknown, { signal }: { signal?: AbortSignal } = {}) {
      if (kind === 'search') return await search(signal)
      return { size: 1, unsaved: 0, fileEvents: [] }
    },
  }
  const rows = { layout: { dimensions: 1 }, view: () => ({}) }
  const slots = { keys: () => new Float64Array(1), liveBits: () => null }
  const parts = {
    builder: { thread, isBusy: false, trees: 0 },
    rows,
    space: 'euclidean',
    admit: <T>(work: () => Promise<T>) => work(),
    place: null,
    notice: () => undefined,
  }
  return {
    trees: new ThreadedTrees(parts as never),
    rows: { slots, pin: () => () => undefined } as never,
  }
}

test('a search that was stopped leaves the tree as it is; one that failed has it built again', async () => {
  const reason = new AppError('CANCELLED', 'nobody waits')
  for (const [error, isReady] of [
    [reason, true],
    [new AppError('THREAD_FAILED', 'the thread ended'), false],
  ] as const) {
    const { trees: opened, rows } = trees(async (signal) => {
      assert.ok(signal !== undefined)
      throw error
    })
    assert.equal(opened.search('vp-tree', QUERY, rows), null)
    await new Promise(setImmediate)
    const signal = AbortSignal.abort(reason)
    await assert.rejects(
      opened.search('vp-tree', QUERY, rows, signal)!,
      (thrown) => thrown === error,
    )
    const next = opened.search('vp-tree', QUERY, rows, signal)
    assert.equal(next !== null, isReady)
    await next?.catch(() => undefined)
  }
})
