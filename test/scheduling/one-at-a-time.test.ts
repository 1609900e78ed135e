import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneAtATime } from '../../src/scheduling/one-at-a-time.ts'
import { failsWith } from '../support/errors.ts'

test('work runs one after the other in order, also after a failure, and too much is refused', async () => {
  const run = oneAtATime(3, 'pieces already wait')
  const seen: string[] = []
  const piece = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise(setImmediate)
    seen.push(`${name} ends`)
    if (name === 'b') throw new Error('no')
    return name
  }
  const [a, b, c] = [run(piece('a')), run(piece('b')), run(piece('c'))]
  await assert.rejects(run(piece('d')), failsWith('QUEUE_FULL'))
  await assert.rejects(b, /no/)
  assert.deepEqual([await a, await c, await run(piece('e'))], ['a', 'c', 'e'])
  const order = ['a', 'b', 'c', 'e'].flatMap((name) => [`${name} begins`, `${name} ends`])
  assert.deepEqual(seen, order)
})
