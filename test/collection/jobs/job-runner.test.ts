import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from '../../../src/collection/jobs/job.ts'
import type { JobKind, JobRun } from '../../../src/collection/jobs/job-kind.ts'
import { JobRunner } from '../../../src/collection/jobs/job-runner.ts'
import type { RecordStore } from '../../../src/engine/embedded/store/record-store.ts'
import { AppError } from '../../../src/errors.ts'
import { failsWith } from '../../support/errors.ts'
import { inTemporaryFolder } from '../../support/in-temporary-folder.ts'
import { withSqliteStore } from '../../support/open-sqlite-store.ts'

interface Opened {
  readonly runner: JobRunner
  readonly causes: unknown[]
  readonly broken: Error[]
}

/** A runner of one kind, `work`, on the jobs of a data folder; closed in order afterwards. */
async function withRunner(
  folder: string,
  work: (run: JobRun) => Promise<void>,
  use: (opened: Opened) => Promise<void>,
  discarded: unknown[] = [],
  resume = true,
): Promise<void> {
  await withSqliteStore({ folder }, async (store) => {
    const causes: unknown[] = []
    const broken: Error[] = []
    const kind: JobKind = {
      name: 'work',
      run: work,
      discard: async (input) => void discarded.push(input),
    }
    const jobs = (await store.jobs.jobs()).length
    const runner = runnerOf(store, jobs, kind, { causes, broken })
    await runner.open({ resume })
    try {
      await use({ runner, causes, broken })
    } finally {
      await runner.close()
    }
    assert.deepEqual(broken, [])
  })
}

/** A runner whose next job is `job-${jobs}`; not open yet. */
function runnerOf(
  store: RecordStore,
  jobs: number,
  kind: JobKind,
  { causes, broken }: Omit<Opened, 'runner'> = { causes: [], broken: [] },
): JobRunner {
  let ids = jobs
  return new JobRunner({
    store: store.jobs,
    kinds: [kind],
    now: () => new Date(1000),
    newId: () => `job-${ids++}`,
    wait: (_ms, signal) => wait(1, undefined, { signal }),
    onFailed: (_job, cause) => causes.push(cause),
    onBroken: (cause) => broken.push(cause),
  })
}

const request = (input: unknown, collection = 'c') => {
  return { kind: 'work', collection, about: 'a test', input }
}

async function until(runner: JobRunner, id: string, met: (job: Job) => boolean): Promise<Job> {
  const signal = AbortSignal.timeout(20_000)
  while (!met(runner.job(id))) await runner.changed(id, signal)
  return runner.job(id)
}

const ended = (runner: JobRunner, id: string) => until(runner, id, (job) => job.finishedAt !== null)

async function aborted({ signal }: JobRun): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

test('until the jobs of an earlier process are read, none is said to be missing', async () => {
  await inTemporaryFolder(async (folder) => {
    let id = ''
    await withRunner(
      folder,
      async () => undefined,
      async ({ runner }) => {
        id = (await runner.start(request(1))).id
        await ended(runner, id)
      },
    )
    await withSqliteStore({ folder }, async (store) => {
      const runner = runnerOf(store, 1, {
        name: 'work',
        run: aborted,
        discard: async () => undefined,
      })
      assert.throws(() => runner.job(id), failsWith('NOT_READY'))
      assert.throws(() => runner.list(), failsWith('NOT_READY'))
      await runner.open()
      assert.equal(runner.job(id).state, 'succeeded')
      await runner.close()
      assert.equal(runner.list().length, 1)
    })
  })
})

test('a job counts what becomes of its items, reports those refused, and succeeds', async () => {
  await inTemporaryFolder(async (folder) => {
    const discarded: unknown[] = []
    const work = async (run: JobRun) => {
      run.expect(3)
      run.count('added')
      run.refuse('b', new AppError('NOT_AN_IMAGE', 'expected an image'))
      run.count('added')
    }
    const use = async ({ runner }: Opened) => {
      const { id } = await runner.start(request({ a: 1 }))
      const job = await ended(runner, id)
      assert.equal(job.state, 'succeeded')
      assert.deepEqual(job.progress, { done: 3, total: 3, counts: { added: 2, refused: 1 } })
      const failure = { item: 'b', code: 'NOT_AN_IMAGE', detail: 'expected an image' }
      assert.deepEqual(job.failures, [failure])
    }
    await withRunner(folder, work, use, discarded)
    assert.deepEqual(discarded, [{ a: 1 }])
  })
})

test('failures beyond a hundred are counted only', async () => {
  await inTemporaryFolder(async (folder) => {
    const work = async (run: JobRun) => {
      for (let i = 0; i < 130; i++)
        run.refuse(`${i}`, new AppError('NOT_AN_IMAGE', 'x'.repeat(999)))
    }
    await withRunner(folder, work, async ({ runner }) => {
      const job = await ended(runner, (await runner.start(request(null))).id)
      assert.equal(job.failures.length, 100)
      assert.equal(job.failuresOmitted, 30)
      assert.equal(job.failures[0]!.detail.length, 300)
    })
  })
})

test('an error that is no refusal fails the job: a code is shown, anything else is not', async () => {
  await inTemporaryFolder(async (folder) => {
    const errors = [new AppError('STORE_FAILED', 'a full disk'), new Error('secret path')]
    const work = async (run: JobRun) => run.refuse('a', errors[run.input as number])
    await withRunner(folder, work, async ({ runner, causes }) => {
      const found: unknown[] = []
      for (const input of [0, 1]) {
        const job = await ended(runner, (await runner.start(request(input))).id)
        found.push([job.state, job.error])
      }
      assert.deepEqual(found, [
        ['failed', { code: 'STORE_FAILED', detail: 'a full disk' }],
        ['failed', { code: 'INTERNAL_ERROR', detail: 'the job failed; the log has the cause' }],
      ])
      assert.deepEqual(causes, errors)
    })
  })
})

test('jobs of one collection run one after the other, those of another beside them', async () => {
  await inTemporaryFolder(async (folder) => {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const began: unknown[] = []
    const work = async (run: JobRun) => {
      began.push(run.input)
      if (run.input !== 'other') await gate
    }
    await withRunner(folder, work, async ({ runner }) => {
      const first = await runner.start(request('first'))
      const second = await runner.start(request('second'))
      const other = await runner.start(request('other', 'd'))
      await ended(runner, other.id)
      assert.deepEqual(began, ['first', 'other'])
      assert.equal(runner.job(second.id).state, 'queued')
      release()
      await ended(runner, second.id)
      assert.equal(runner.job(first.id).state, 'succeeded')
      assert.deepEqual(
        runner.list().map(({ id }) => id),
        [other.id, second.id, first.id],
      )
    })
  })
})

test('a cancelled job stops, one that waits never begins, and one that has ended stays', async () => {
  await inTemporaryFolder(async (folder) => {
    const began: unknown[] = []
    const work = async (run: JobRun) => {
      began.push(run.input)
      run.count('added')
      if (run.input === 'long') await aborted(run)
    }
    await withRunner(folder, work, async ({ runner, causes }) => {
      const long = await runner.start(request('long'))
      const waiting = await runner.start(request('waiting'))
      await until(runner, long.id, (job) => job.progress.done === 1)
      assert.equal((await runner.cancel(waiting.id)).state, 'cancelled')
      const stopped = await runner.cancel(long.id)
      assert.deepEqual([stopped.state, stopped.progress.done], ['cancelled', 1])
      assert.deepEqual(began, ['long'])
      assert.deepEqual(await runner.cancel(long.id), stopped)
      assert.deepEqual(causes, [])
      await assert.rejects(runner.cancel('nobody'), failsWith('JOB_NOT_FOUND', 'nobody'))
    })
  })
})

test('no more than 32 jobs wait', async () => {
  await inTemporaryFolder(async (folder) => {
    await withRunner(folder, aborted, async ({ runner }) => {
      const first = await runner.start(request(null))
      await until(runner, first.id, (job) => job.state === 'running')
      const starts = Array.from({ length: 40 }, () => runner.start(request(null)))
      const results = await Promise.allSettled(starts)
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 32)
      await assert.rejects(runner.start(request(null)), failsWith('QUEUE_FULL'))
    })
  })
})

test('a job that is still being made holds one of the 32 places, and gives it back', async () => {
  await inTemporaryFolder(async (folder) => {
    await withRunner(folder, aborted, async ({ runner }) => {
      const first = await runner.start(request(null))
      await until(runner, first.id, (job) => job.state === 'running')
      let fail = (_: Error) => {}
      const failing = new Promise<never>((_, reject) => {
        fail = reject
      })
      const made = Array.from({ length: 32 }, () => runner.startMade(() => failing))
      const notMade = () => assert.fail('it was made')
      await assert.rejects(runner.startMade(notMade), failsWith('QUEUE_FULL'))
      await assert.rejects(runner.start(request(null)), failsWith('QUEUE_FULL'))
      fail(new Error('the line is cut'))
      for (const one of made) await assert.rejects(one, /the line is cut/)
      assert.equal((await runner.start(request(null))).state, 'queued')
    })
  })
})

test('a stop interrupts a job, which goes on from its checkpoint and counts nothing twice', async () => {
  await inTemporaryFolder(async (folder) => {
    const discarded: unknown[] = []
    const interrupted = async (run: JobRun) => {
      run.count('added')
      await run.save({ next: 1 })
      run.count('added')
      run.refuse('b', new AppError('NOT_AN_IMAGE', 'x'))
      await aborted(run)
    }
    let id = ''
    const stop = async ({ runner }: Opened) => {
      id = (await runner.start(request('input'))).id
      await until(runner, id, (job) => job.progress.done === 3)
    }
    await withRunner(folder, interrupted, stop, discarded)
    assert.deepEqual(discarded, [])
    const seen: unknown[] = []
    const resumed = async (run: JobRun) => {
      seen.push(run.input, run.checkpoint)
      run.count('added')
    }
    const toEnd = async ({ runner }: Opened) => {
      const job = await ended(runner, id)
      assert.equal(job.state, 'succeeded')
      assert.deepEqual(job.progress.counts, { added: 2 })
      assert.deepEqual(job.failures, [])
    }
    await withRunner(folder, resumed, toEnd, discarded)
    assert.deepEqual(seen, ['input', { next: 1 }])
    assert.deepEqual(discarded, ['input'])
  })
})

test('what an earlier process left waits on beside new jobs where it is not to go on', async () => {
  await inTemporaryFolder(async (folder) => {
    await withRunner(folder, aborted, async ({ runner }) => {
      const { id } = await runner.start(request('left'))
      await until(runner, id, (job) => job.state === 'running')
    })
    const done: unknown[] = []
    const work = async ({ input }: JobRun) => void done.push(input)
    const beside = async ({ runner }: Opened) => {
      await ended(runner, (await runner.start(request('new'))).id)
      assert.deepEqual([done, runner.job('job-0').state], [['new'], 'queued'])
    }
    await withRunner(folder, work, beside, [], false)
    await withRunner(folder, work, async ({ runner }) => {
      assert.equal((await ended(runner, 'job-0')).state, 'succeeded')
    })
    assert.deepEqual(done, ['new', 'left'])
  })
})

test('a job that ends the process every time is given up, one that gets on is not', async () => {
  await inTemporaryFolder(async (folder) => {
    const left: Job = {
      id: 'a',
      kind: 'work',
      collection: 'c',
      about: '',
      state: 'running',
      version: 9,
      progress: { done: 0, total: null, counts: {} },
      failures: [],
      failuresOmitted: 0,
      details: null,
      error: null,
      createdAt: '',
      startedAt: '',
      finishedAt: null,
      checkpoint: null,
      attempts: 3,
    }
    await withSqliteStore({ folder }, async ({ jobs }) => {
      await jobs.add(left, null)
      await jobs.add({ ...left, id: 'b', attempts: 2 }, null)
    })
    await withRunner(
      folder,
      async () => undefined,
      async ({ runner }) => {
        assert.deepEqual((await ended(runner, 'a')).error?.code, 'JOB_INTERRUPTED')
        assert.equal((await ended(runner, 'b')).state, 'succeeded')
      },
    )
  })
})

test('what fails with "not now" is tried again, and a stop ends the waiting', async () => {
  await inTemporaryFolder(async (folder) => {
    const full = new AppError('QUEUE_FULL', 'full', { retryAfterSeconds: 1 })
    const work = async (run: JobRun) => {
      let calls = 0
      await run.retry(async () => {
        if (run.input === 'forever' || ++calls < 3) throw full
      })
      run.count(`after ${calls}`)
    }
    await withRunner(folder, work, async ({ runner }) => {
      const job = await ended(runner, (await runner.start(request('twice'))).id)
      assert.deepEqual(job.progress.counts, { 'after 3': 1 })
      const failed = await ended(runner, (await runner.start(request('forever'))).id)
      assert.equal(failed.error?.code, 'QUEUE_FULL')
    })
  })
})

test('the last 200 jobs that have ended are kept', async () => {
  await inTemporaryFolder(async (folder) => {
    await withRunner(
      folder,
      async () => undefined,
      async ({ runner }) => {
        for (let i = 0; i < 203; i++) await ended(runner, (await runner.start(request(i))).id)
        await ended(runner, (await runner.start(request('last'))).id)
      },
    )
    await withSqliteStore({ folder }, async ({ jobs }) => {
      const kept = await jobs.jobs()
      assert.deepEqual([kept.length, kept.at(-1)?.id], [200, 'job-203'])
    })
  })
})
