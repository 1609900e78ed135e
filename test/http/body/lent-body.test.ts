import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyMemory } from '../../../src/http/body/body-memory.ts'
import { LentBody } from '../../../src/http/body/lent-body.ts'

/** A body that has all of its memory, so that whether it was given back shows. */
function lent() {
  const memory = new BodyMemory(4096)
  const body = new LentBody(memory.lend(4096)!)
  const isFree = () => {
    const loan = memory.lend(4096)
    loan?.giveBack()
    return loan !== null
  }
  return { body, isFree }
}

test('the memory of a body is free once the call that uses it has ended, and not when its client goes', async () => {
  for (const fails of [false, true]) {
    const { body, isFree } = lent()
    let end = () => {}
    const work = new Promise<string>((resolve, reject) => {
      end = () => (fails ? reject(new Error('no')) : resolve('done'))
    })
    const used = body.use(() => work)
    body.requestEnded()
    assert.equal(isFree(), false)
    end()
    if (fails) await assert.rejects(used, { message: 'no' })
    else assert.equal(await used, 'done')
    assert.equal(isFree(), true)
  }
})

test('the memory of a body that no call uses is free when the request ends, and then no call may use it', async () => {
  const { body, isFree } = lent()
  assert.equal(isFree(), false)
  body.requestEnded()
  assert.equal(isFree(), true)
  await assert.rejects(
    body.use(async () => assert.fail('used')),
    { code: 'CANCELLED' },
  )
})
