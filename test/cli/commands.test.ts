import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Finished, runCommand } from '../support/command-line.ts'
import { copyPictures, makePictureFolder } from '../support/pictures.ts'
import { serveDataFolder } from '../support/served.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The commands give the same on a data folder as on a service that runs on one. */
const TARGETS: Record<string, (t: TestContext, data: string) => Promise<string[]>> = {
  'a data folder': async (_, data) => ['--data', data],
  'a running service': async (t, data) => ['--url', (await serveDataFolder(t, data)).url],
}

function jsonOf({ stdout, stderr }: Finished) {
  try {
    return JSON.parse(stdout)
  } catch {
    assert.fail(`expected JSON, got ${stdout}\n${stderr}`)
  }
}

for (const [name, open] of Object.entries(TARGETS)) {
  test(`index, search and collections on ${name}`, async (t) => {
    const root = temporaryFolder(t)
    const [folder, data] = [join(root, 'pictures'), join(root, 'data')]
    mkdirSync(folder)
    makePictureFolder(folder)
    const target = await open(t, data)
    const index = ['index', folder, '--collection', 'c', '--json', ...target]

    await t.test('the first run adds what can be read and lists the rest: status 3', async () => {
      const csv = join(root, 'm.csv')
      writeFileSync(csv, 'file,price,code\nanimals/fox.png,1.5,007\ntop.png,,x\nmissing.png,1,y\n')
      const metadata = ['--metadata', csv, '--keep', 'thumbnail']
      const run = await runCommand([...index, ...metadata])
      const report = jsonOf(run)
      assert.equal(run.status, 3, run.stderr)
      const members = [
        'collection',
        'added',
        'replaced',
        'updated',
        'skipped',
        'leftOut',
        'refused',
      ]
      assert.deepEqual(Object.keys(report), [...members, 'seconds'])
      assert.deepEqual([report.collection, report.added, report.skipped], ['c', 4, 0])
      const reason = 'no image by its first bytes'
      assert.deepEqual(report.leftOut, [{ file: 'notes.txt', reason }])
      assert.equal(report.refused.length, 1)
      assert.deepEqual(Object.keys(report.refused[0]), ['file', 'code', 'detail'])
      assert.deepEqual(
        [report.refused[0].file, report.refused[0].code],
        ['broken.png', 'NOT_AN_IMAGE'],
      )
      assert.equal(typeof report.seconds, 'number')
      assert.match(run.stderr, /one row names no image below .*, such as missing\.png/)
    })

    await t.test('a picture finds itself and then its twin, with label and metadata', async () => {
      const search = ['search', join(folder, 'animals/fox.png'), '--collection', 'c', ...target]
      const run = await runCommand([...search, '-k', '2', '--json'])
      assert.equal(run.status, 0, run.stderr)
      const answer = jsonOf(run)
      assert.deepEqual(
        answer.matches.map((match: { id: string }) => match.id),
        ['animals/fox.png', 'animals/deep/fox 2.PNG'],
      )
      const [first] = answer.matches
      assert.deepEqual(first.metadata, { label: 'animals', price: 1.5, code: '007' })
      assert.ok(Math.abs(first.distance) < 1e-5, `distance ${first.distance}`)
      assert.ok(Math.abs(first.similarity - 1) < 1e-5, `similarity ${first.similarity}`)
      assert.deepEqual([answer.exact, answer.complete, answer.cursor], [true, true, null])
      assert.deepEqual(Object.keys(answer.timings), ['decodeMs', 'embedMs', 'searchMs', 'totalMs'])

      const filtered = await runCommand([...search, '--filter', '{"label":{"$exists":false}}'])
      assert.match(filtered.stdout, /^rank {2}id +label +distance +similarity\n +1 {2}top\.png +- /)
      assert.equal(filtered.stdout.split('\n').length, 3)
    })

    await t.test('the page holds the pictures that were kept', async () => {
      const page = join(root, 'page.html')
      const search = ['search', join(folder, 'top.png'), '--collection', 'c', '-k', '3', ...target]
      const run = await runCommand([...search, '--html', page])
      assert.equal(run.status, 0, run.stderr)
      const html = readFileSync(page, 'utf8')
      assert.equal(html.match(/<img src="data:image\//g)?.length, 4)
    })

    await t.test('the next run skips what is there and adds what changed or is new', async () => {
      copyPictures(folder, {
        'fruit/cherries.png': 'food-fruit/apple.google.png',
        'fruit/lemon.png': 'food-fruit/lemon.google.png',
      })
      const report = jsonOf(await runCommand(index))
      assert.deepEqual([report.added, report.replaced, report.skipped], [1, 1, 3])
      assert.equal(report.refused.length, 1)
    })

    await t.test(
      'metadata that changed is taken for images that did not, and counted',
      async () => {
        const csv = join(root, 'm.csv')
        writeFileSync(csv, 'file,price,code\nanimals/fox.png,2,\ntop.png,,x\n')
        const report = jsonOf(await runCommand([...index, '--metadata', csv]))
        assert.deepEqual([report.added, report.updated, report.skipped], [0, 1, 4])
        const again = jsonOf(await runCommand([...index, '--metadata', csv]))
        assert.deepEqual([again.updated, again.skipped], [0, 5])
        const search = ['search', join(folder, 'animals/fox.png'), '--collection', 'c', ...target]
        const { matches } = jsonOf(await runCommand([...search, '-k', '1', '--json']))
        assert.deepEqual(matches[0].metadata, { label: 'animals', price: 2 })
      },
    )

    await t.test('collections lists what is there', async () => {
      const { collections } = jsonOf(await runCommand(['collections', '--json', ...target]))
      const [{ name, count, model, metric, dimensions, keep }] = collections
      assert.deepEqual(
        { name, count, model, metric, dimensions, keep },
        {
          name: 'c',
          count: 5,
          model: 'efficientnet-lite2-lite0-int8',
          metric: 'cosine',
          dimensions: 1280,
          keep: 'thumbnail',
        },
      )
      const { stdout } = await runCommand(['collections', ...target])
      assert.match(
        stdout,
        /^name +count +model .*\nc +5 {2}efficientnet-lite2-lite0-int8 +cosine +1280 /,
      )
    })

    await t.test('another keep than the collection has is an error that names both', async () => {
      const run = await runCommand([...index, '--keep', 'original'])
      assert.equal(run.status, 1)
      assert.match(run.stderr, /keeps thumbnail, not original \(COLLECTION_DIFFERS\)\n$/)
    })

    await t.test('an unknown collection is an error with status 1', async () => {
      const image = join(folder, 'top.png')
      const run = await runCommand(['search', image, '--collection', 'other', ...target])
      assert.equal(run.status, 1)
      assert.match(run.stderr, /\(COLLECTION_NOT_FOUND\)\n$/)
    })
  })
}

test('without --json the refused files are named on standard error and the sum on standard output', async (t) => {
  const root = temporaryFolder(t)
  const folder = join(root, 'pictures')
  mkdirSync(folder)
  makePictureFolder(folder)
  const target = ['--data', join(root, 'data'), '--label-from', 'none']
  const run = await runCommand(['index', folder, '--collection', 'c', ...target])
  assert.equal(run.status, 3)
  assert.match(run.stdout, /^c: 4 added, 0 skipped, 1 refused, 1 left out in \d+\.\d s\n$/)
  assert.match(run.stderr, /^refused broken\.png: .* \(NOT_AN_IMAGE\)$/m)
  assert.match(run.stderr, /^left out notes\.txt: no image by its first bytes$/m)
  const search = ['search', join(folder, 'animals/fox.png'), '--collection', 'c', '--json']
  const answer = jsonOf(await runCommand([...search, '--data', join(root, 'data')]))
  assert.equal(answer.matches.length, 4)
  assert.deepEqual(answer.matches[0].metadata, {})
})

test('a file over the upload limit is refused before it is read', async (t) => {
  const root = temporaryFolder(t)
  const folder = join(root, 'pictures')
  mkdirSync(folder)
  makePictureFolder(folder)
  const limit = ['--max-body-bytes', '12', '--data', join(root, 'data')]
  const run = await runCommand(['index', folder, '--collection', 'c', '--json', ...limit])
  const report = jsonOf(run)
  assert.equal(run.status, 3)
  assert.deepEqual(
    report.refused.map(({ file, code }: { file: string; code: string }) => [file, code]),
    [
      ['animals/deep/fox 2.PNG', 'BODY_TOO_LARGE'],
      ['animals/fox.png', 'BODY_TOO_LARGE'],
      ['broken.png', 'NOT_AN_IMAGE'],
      ['fruit/cherries.png', 'BODY_TOO_LARGE'],
      ['top.png', 'BODY_TOO_LARGE'],
    ],
  )
})

test('a data folder in use is refused with the address of the service on it', async (t) => {
  const data = join(temporaryFolder(t), 'data')
  const { url, stop } = await serveDataFolder(t, data)
  for (const command of [['collections'], ['serve', '--port', '0']]) {
    const run = await runCommand([...command, '--data', data])
    assert.equal(run.status, 1)
    assert.match(run.stderr, /--url/)
    assert.ok(run.stderr.endsWith(`; it serves at ${url} (DATA_FOLDER_LOCKED)\n`), run.stderr)
  }
  assert.equal(await stop(), 0)
  assert.throws(() => readFileSync(join(data, 'service.json')), { code: 'ENOENT' })
  assert.equal((await runCommand(['collections', '--data', data])).status, 0)
})

test('a service with keys is called with LOOKALIKE_API_KEY', async (t) => {
  const data = join(temporaryFolder(t), 'data')
  const secret = 'correct-horse-battery'
  const { url } = await serveDataFolder(t, data, { LOOKALIKE_API_KEYS: `ci:write:${secret}` })
  const without = await runCommand(['collections', '--url', url])
  assert.equal(without.status, 1)
  assert.match(without.stderr, /\(UNAUTHENTICATED\)\n$/)
  const environment = { LOOKALIKE_URL: url, LOOKALIKE_API_KEY: secret }
  assert.equal((await runCommand(['collections'], environment)).status, 0)
})
