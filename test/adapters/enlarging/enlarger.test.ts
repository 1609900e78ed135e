import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEnlarger } from '../../../src/adapters/enlarging/enlarger.ts'
import { enlarge } from '../../../src/image/enlarge.ts'
import { failsWith } from '../../support/errors.ts'
import { picture } from '../../support/images.ts'

function jobs(): Parameters<typeof enlarge>[] {
  const target = { width: 224, height: 200 }
  return [20, 64, 90].flatMap((side) =>
    (['linear', 'cubic', 'lanczos3'] as const).map((kernel): Parameters<typeof enlarge> => {
      const { pixels, ...size } = picture(side, side + 7)
      const box = { left: 1.25, top: 2.5, width: side - 3.5, height: side - 4 }
      return [pixels, size, box, target, kernel]
    }),
  )
}

test('pictures come back from the thread as they do without it, each to its caller', async () => {
  const thread = openEnlarger()
  try {
    const enlarged = await Promise.all(jobs().map((job) => thread.call('enlarge', job)))
    assert.deepEqual(
      enlarged,
      jobs().map((job) => enlarge(...job)),
    )
  } finally {
    await thread.close()
  }
})

test('when the thread dies its callers hear of it, and the next starts another', async () => {
  const thread = openEnlarger(new URL('../../support/dying-thread.js', import.meta.url))
  for (const job of jobs().slice(0, 2)) {
    await assert.rejects(thread.call('enlarge', job), failsWith('THREAD_FAILED', 'enlarges'))
  }
  await thread.close()
})

test('closing rejects who waits and who comes later', async () => {
  const thread = openEnlarger(new URL('../../support/silent-thread.js', import.meta.url))
  const [job] = jobs()
  const waiting = assert.rejects(thread.call('enlarge', job!), failsWith('SHUTTING_DOWN'))
  await thread.close()
  await waiting
  await assert.rejects(thread.call('enlarge', job!), failsWith('SHUTTING_DOWN'))
})
