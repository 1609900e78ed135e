import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../support/command-line.ts'
import { serveDataFolder } from '../support/served.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const KINDS = 14

/** Three records around a place of its own. */
function around(place: number, ids: string, who: string | null) {
  return [0, 1, 2].map((n) => {
    const vector = new Array<number>(KINDS).fill(0)
    vector[place] = 1
    vector[(place + 1) % KINDS] = 0.05 * n
    return { id: `${ids}${n}`, vector, metadata: who === null ? {} : { who } }
  })
}

test('identities of a running service', async (t) => {
  const { url } = await serveDataFolder(t, join(temporaryFolder(t), 'data'))
  const target = ['--collection', 'c', '--url', url]
  const run = (...args: string[]) => runCommand(['identities', ...args, ...target])
  const json = async (...args: string[]) => {
    const { status, stdout, stderr } = await run(...args, '--json')
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }
  const create = ['collections', 'create', 'c', '--dimensions', String(KINDS)]
  const made = await runCommand([...create, '--identity-field', 'who', '--url', url])
  assert.equal(made.status, 0, made.stderr)
  const others = Array.from({ length: KINDS - 3 }, (_, i) => around(i + 3, `p${i}-`, `p${i}`))
  const points = [...around(0, 'a', 'ann'), ...around(1, 'b', 'bob'), ...around(2, 'u', null)]
  const added = await fetch(`${url}/v1/collections/c/vectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ points: [...points, ...others.flat()] }),
  })
  assert.equal(added.status, 200)

  await t.test('they are listed, page by page to the limit, and shown', async () => {
    const { identities, total, complete } = await json('list', '--limit', '2')
    assert.deepEqual([total, complete], [KINDS - 1, false])
    assert.deepEqual(identities[1], { identity: 'bob', records: 3, metadata: {} })
    const some = await json('list', '--text', 'AN', '--filter', '{"records": 3}')
    assert.deepEqual([some.identities[0].identity, some.complete], ['ann', true])
    const { stdout } = await run('show', 'ann')
    assert.equal(stdout, 'identity  records  metadata\nann             3  {}\n')
  })

  await t.test(
    'they are renamed, merged, split and said to differ; a change is undone',
    async () => {
      assert.equal((await run('rename', 'ann', 'anna')).stdout, 'change 1; 3 records\n')
      assert.deepEqual(await json('merge', 'anna', 'bob'), { change: 2, records: 3 })
      assert.deepEqual(await json('undo', '2'), { change: 3, records: 3 })
      assert.deepEqual(await json('split', 'anna', 'a2', '--to', 'zoe'), { change: 4, records: 1 })
      assert.deepEqual(await json('differ', 'bob', 'zoe'), { change: 5, records: 0 })
      assert.equal((await run('differ', 'bob', 'zoe')).stdout, 'all was so already\n')
      assert.match((await run('show', 'zoe')).stdout, /\nsaid to differ from anna, bob\n$/)
      const { changes } = await json('history')
      const kinds = changes.map(({ kind }: { kind: string }) => kind)
      assert.deepEqual(kinds, ['differ', 'split', 'undo', 'merge', 'rename'])
      assert.equal(changes[3].undoneBy, 3)
      const newest = await run('history', '--limit', '1')
      assert.match(newest.stdout, /\n +5 .* differ +0 +- +\{"a":"bob","b":"zoe"\}\n$/)
      assert.match(newest.stderr, /^and more: --limit is 1\n$/)
    },
  )

  await t.test('records are given an identity, which may be a number, or none', async () => {
    await json('assign', 'u0', 'u1', '--to', '7', '--type', 'number')
    assert.equal((await json('show', '7', '--type', 'number')).records, 2)
    for (const one of [
      ['identify', '--identity', '7'],
      ['verify', 'identity:7', 'id:u0'],
    ]) {
      const asText = await runCommand([...one, ...target])
      assert.match(asText.stderr, /\(IDENTITY_NOT_FOUND\)\n$/)
      const { status, stderr } = await runCommand([...one, '--type', 'number', ...target])
      assert.equal(status, 0, stderr)
    }
    const text = await run('show', '7')
    assert.match(text.stderr, /\(IDENTITY_NOT_FOUND\)\n$/)
    assert.equal((await json('assign', 'u0', 'u1', '--nobody')).records, 2)
    const neither = await run('assign', 'u0')
    assert.deepEqual([neither.status, neither.stdout], [2, ''])
  })

  await t.test('records without one come in clusters', async () => {
    const { stdout, stderr } = await run('unknowns', '--radius', '0.1')
    assert.equal(stdout, '1 clusters, radius 0.1000 by request\nu0  u1  u2\n', stderr)
    const { clusters } = await json('unknowns', '--radius', '0.1', '--min-records', '4')
    assert.deepEqual(clusters, [])
  })

  await t.test('what looks wrong is suggested', async () => {
    assert.match((await run('suggestions')).stderr, /\(CALIBRATION_NOT_FOUND\)\n$/)
    const calibrated = await runCommand(['calibrate', ...target])
    assert.equal(calibrated.status, 0, calibrated.stderr)
    await json('assign', 'p5-2', '--to', 'p5 again')
    const { merges, complete } = await json('suggestions')
    const pairs = merges.map(({ a, b }: { a: string; b: string }) => [a, b])
    assert.deepEqual([pairs, complete], [[['p5', 'p5 again']], true])
    const { stdout } = await run('suggestions', '--probability', '0.6')
    assert.match(stdout, /\nmerge +0\.\d{3} +p5 +p5 again +p5-\d +p5-2\n/)
  })

  await t.test('erase removes all of one, where it is told twice', async () => {
    const asked = await run('erase', 'bob')
    assert.equal(asked.status, 2)
    assert.match(asked.stderr, /expected --yes to erase bob of c with 3 records, got none/)
    const erased = await run('erase', 'bob', '--yes')
    assert.match(erased.stdout, /^bob: erased with 3 records, 3 vectors, /)
    assert.match((await run('show', 'bob')).stderr, /\(IDENTITY_NOT_FOUND\)\n$/)
  })
})
