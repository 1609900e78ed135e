import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CollapseWatch } from '../../../src/learning/heads/collapse-watch.ts'

test('distances that fall to a tenth are a collapse, said with the numbers and with advice', () => {
  const watch = new CollapseWatch(null)
  assert.equal(watch.check({ loss: 3, meanDistance: 1.2 }), null)
  assert.equal(watch.check({ loss: 2, meanDistance: 0.13 }), null)
  const said = watch.check({ loss: 0.6874, meanDistance: 0.11 })
  assert.match(said ?? '', /collapsed.* 1\.200 to 0\.110.*loss at 0\.687.*try fewer steps/)
})

test('a loss that is no number is named', () => {
  assert.match(
    new CollapseWatch(null).check({ loss: Number.NaN, meanDistance: 1 }) ?? '',
    /the loss became NaN: try /,
  )
})
