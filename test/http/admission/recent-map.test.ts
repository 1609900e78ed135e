import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentMap } from '../../../src/http/admission/recent-map.ts'

test('beyond its bound it forgets what was set longest ago', () => {
  const map = new RecentMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [3, undefined, 4])
  map.clear()
  assert.deepEqual([map.get('a'), map.get('c')], [undefined, undefined])
})
