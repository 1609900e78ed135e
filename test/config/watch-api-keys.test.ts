import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { readApiKeys } from '../../src/config/api-keys.ts'
import { watchApiKeys } from '../../src/config/watch-api-keys.ts'

const SECRET = 'correct-horse-battery'

function watched(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-keys-'))
  const file = join(folder, 'keys')
  writeFileSync(file, text)
  const keys = readApiKeys(file, (fault) => assert.fail(fault))
  const seen: string[][] = []
  const faults: string[] = []
  const stop = watchApiKeys(file, keys, {
    onKeys: (found) => seen.push(found.map(({ name }) => name)),
    onFaults: (found) => faults.push(...found),
  })
  t.after(() => {
    stop()
    rmSync(folder, { recursive: true })
  })
  return { file, seen, faults }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(50)
}

test('a file that is replaced gives its keys, and one with a mistake its fault alone', async (t) => {
  const { file, seen, faults } = watched(t, `a:read:${SECRET}\n`)
  writeFileSync(`${file}.new`, `a:read:${SECRET}\nb:write:${SECRET}-2\n`)
  renameSync(`${file}.new`, file)
  await until(() => seen.length > 0)
  writeFileSync(file, `b:admin:${SECRET}-2\n`)
  await until(() => faults.length > 0)
  assert.match(faults[0]!, /scope of "b" to be read, write/)
  assert.doesNotMatch(faults.join(), new RegExp(SECRET))
  rmSync(file)
  await until(() => faults.length > 1)
  assert.match(faults[1]!, /readable file/)
  writeFileSync(file, `b:write:${SECRET}-2\n`)
  await until(() => seen.length > 1)
  assert.deepEqual(seen, [['a', 'b'], ['b']])
})
