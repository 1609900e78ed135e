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

/** Trees whose thread answers a search, and an update, as the test says. */
function trees(
  search: (signal: AbortSignal | undefined) => Promise<unknown>,
  update: () => Promise<void> = async () => undefined,
) {
  const thread = {
    async call(kind: string, _args: unknown, { signal }: { signal?: AbortSignal } = {}) {
      if (kind === 'search') return await search(signal)
      if (kind === 'update') await update()
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

test('a stopped search ends after its update, which has the tree built again where it fails', async () => {
  const reason = new AppError('CANCELLED', 'nobody waits')
  for (const failure of [null, new AppError('THREAD_FAILED', 'the thread ended')]) {
    let settle = () => {}
    const update = new Promise<void>((resolve, reject) => {
      settle = () => (failure === null ? resolve() : reject(failure))
    })
    const { trees: opened, rows } = trees(
      async () => {
        throw reason
      },
      () => update,
    )
    assert.equal(opened.search('vp-tree', QUERY, rows), null)
    await new Promise(setImmediate)
    opened.touched(0)
    let hasEnded = false
    const signal = AbortSignal.abort(reason)
    const ended = opened.search('vp-tree', QUERY, rows, signal)!.catch((error) => {
      hasEnded = true
      return error
    })
    await new Promise(setImmediate)
    assert.equal(hasEnded, false, 'rows were let go of while the update reads them')
    settle()
    assert.equal(await ended, reason)
    const next = opened.search('vp-tree', QUERY, rows, signal)
    assert.equal(next !== null, failure === null)
    await next?.catch(() => undefined)
  }
})
