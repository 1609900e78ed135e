import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand } from '../../support/command-line.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { chartPoints, htmlTable, shownPictures } from '../../support/read-report.ts'

test('a CSV file evaluates as the folder does whose labels it gives', async (t) => {
  const { root, folder, models, labels } = await labelledPictures(t, 4, 4)
  const rows = labels.flatMap((label) =>
    readdirSync(join(folder, label))
      .sort()
      .map((name) => `pictures/${label}/${name},${label}`),
  )
  writeFileSync(join(root, 'all.csv'), ['path,label', ...rows].join('\n'))
  const evaluate = async (what: string) => {
    const places = ['--models', models, '--model', 'tiny', '--json', '--quiet']
    const { status, stdout, stderr } = await runCommand(['evaluate', what, ...places])
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }
  const ofFolder = await evaluate(folder)
  assert.deepEqual(await evaluate(join(root, 'all.csv')), ofFolder)

  // Only the classes of the test are queries, and searched.
  const parts = rows.map((row) => `${row},${row.endsWith(`,${labels[0]}`) ? 'train' : 'test'}`)
  writeFileSync(join(root, 'parts.csv'), ['path,label,split', ...parts].join('\n'))
  const { images, classes } = await evaluate(join(root, 'parts.csv'))
  assert.deepEqual([images, classes], [12, 3])
})

test('queries search the gallery, without what their own camera saw of them', async (t) => {
  const { root, folder, models, labels } = await labelledPictures(t, 3, 2)
  const [a, b, c] = labels.map((label) => {
    const [first, second] = readdirSync(join(folder, label)).sort()
    return [`pictures/${label}/${first}`, `pictures/${label}/${second}`] as const
  })
  const lines = [
    'path,label,camera,split',
    // Another picture by another camera is there to find.
    `${a![0]},a,1,query`,
    `${a![1]},a,2,gallery`,
    // Its only match is by its own camera: it cannot ask.
    `${b![0]},b,1,query`,
    `${b![1]},b,1,gallery`,
    `${c![0]},c,2,gallery`,
  ]
  writeFileSync(join(root, 'gallery.csv'), lines.join('\n'))
  const places = ['--models', models, '--model', 'tiny', '--quiet']
  const evaluate = ['evaluate', join(root, 'gallery.csv'), ...places]
  const { status, stdout, stderr } = await runCommand([...evaluate, '--json'])
  assert.equal(status, 0, stderr)
  const { gallery, queries, skipped, rank5, map } = JSON.parse(stdout)
  assert.deepEqual([gallery, queries, skipped, rank5], [3, 1, 1, 1])
  // One match among three that are searched: its precision is one over its rank.
  assert.ok([1, 1 / 2, 1 / 3].includes(map), stdout)
  assert.match(
    (await runCommand(evaluate)).stdout,
    /^tiny: 3 images searched, 1 asked with, 1 without/,
  )

  const page = join(root, 'report.html')
  assert.equal((await runCommand([...evaluate, '--report', page])).status, 0)
  const html = readFileSync(page, 'utf8')
  assert.deepEqual(htmlTable(html).at(3), ['mAP', map.toFixed(3)])
  const first = 1 / map
  assert.deepEqual(
    chartPoints(html),
    [1, 2, 3].map((step) => ({ name: 'rank', step, value: step < first ? '0.0000' : '1.0000' })),
  )
  const [shown, ...others] = shownPictures(html)
  assert.deepEqual([shown!.query.id, others.length], [a![0], 0])
  // All of the gallery, for none of it is by the camera that asks; the match comes at its rank.
  assert.deepEqual(
    shown!.found.map(({ verdict }) => verdict),
    [1, 2, 3].map((rank) => (rank === first ? 'right' : 'wrong')),
  )

  writeFileSync(join(root, 'half.csv'), lines.slice(0, 2).join('\n'))
  const half = await runCommand(['evaluate', join(root, 'half.csv'), ...places])
  assert.match(half.stderr, /expected the splits query and gallery, got query \(INVALID_REQUEST\)/)
})
