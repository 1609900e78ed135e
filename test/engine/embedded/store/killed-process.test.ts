import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../../../src/vector/random.ts'
import { allVectors } from '../../../support/describe-record-store.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { withSqliteStore } from '../../../support/open-sqlite-store.ts'
import { sampleSpec, vectorOf } from '../../../support/sample-records.ts'

const ROUNDS = 10
const SEED = 11

/** Ids that a writing process printed before it was killed, soon after the `count`-th. */
async function writeAndKill(args: readonly string[], count: number): Promise<string[]> {
  const program = fileURLToPath(new URL('./writing-process.js', import.meta.url))
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  let lines = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    lines += text.split('\n').length - 1
    if (lines >= count) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  assert.equal(signal, 'SIGKILL')
  // What follows the last line feed was cut off by the kill.
  return printed.split('\n').slice(0, -1)
}

test('what was acknowledged before a kill is there afterwards', async () => {
  await inTemporaryFolder(async (folder) => {
    const random = seededRandom(SEED)
    const { key } = await withSqliteStore({ folder }, (store) =>
      store.createCollection(sampleSpec()),
    )
    const acknowledged: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const count = 1 + Math.floor(random() * 400)
      const ids = await writeAndKill([folder, String(key), `round-${round}`], count)
      assert.ok(ids.length >= count, `seed ${SEED}, round ${round}`)
      acknowledged.push(...ids)
      await withSqliteStore({ folder }, async (store) => {
        const stored = new Map<string, Float32Array>()
        for (const { ids, vectors } of await allVectors(store, key)) {
          for (const [i, id] of ids.entries()) stored.set(id, vectors.slice(i * 4, i * 4 + 4))
        }
        for (const id of acknowledged) {
          assert.deepEqual(stored.get(id), vectorOf(id), `seed ${SEED}, round ${round}, ${id}`)
        }
      })
    }
  })
})
