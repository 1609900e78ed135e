import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admission } from '../../src/scheduling/admission.ts'

test('work beyond the bound is refused, and admitted again once some has succeeded or failed', async () => {
  const admit = admission(2, 'pieces already wait')
  let finish: (result: number) => void = () => undefined
  const first = admit(() => {
    return new Promise<number>((resolve) => {
      finish = resolve
    })
  })
  await assert.rejects(
    admit(async () => {
      throw new Error('it failed')
    }),
    /it failed/,
  )
  const second = admit(async () => 2)
  await assert.rejects(
    admit(async () => 3),
    { code: 'QUEUE_FULL', message: '2 pieces already wait', retryAfterSeconds: 1 },
  )
  assert.equal(await second, 2)
  finish(1)
  assert.equal(await first, 1)
  assert.equal(await admit(async () => 4), 4)
})
