import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { serveDataFolder } from '../support/served.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FIRST = 'correct-horse-battery'
const SECOND = 'staple-correct-horse'

test('a running service takes the keys of its file anew', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'keys')
  writeFileSync(file, `shop:read:${FIRST}\n`)
  const { url } = await serveDataFolder(t, join(folder, 'data'), { LOOKALIKE_API_KEYS_FILE: file })
  const statusOf = async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await fetch(`${url}/v1/collections`, { headers })).status
  }
  assert.deepEqual([await statusOf(FIRST), await statusOf(SECOND)], [200, 401])
  writeFileSync(file, `shop:read:${SECOND}\n`)
  while ((await statusOf(FIRST)) === 200) await wait(100)
  assert.deepEqual([await statusOf(FIRST), await statusOf(SECOND)], [401, 200])
})
