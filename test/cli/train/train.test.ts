import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MEASURES } from '../../../src/evaluation/rank-measures.ts'
import { readOnnx } from '../../../src/onnx/model-file.ts'
import type { TrainingReport } from '../../../src/training/export/training-report.ts'
import { runCommand, startCommand } from '../../support/command-line.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { chartPoints, htmlTable, markdownTable, shownPictures } from '../../support/read-report.ts'
import { SHIPPED_MODELS } from '../../support/shipped-models.ts'

/** Pictures, and the arguments of a training of them. */
async function makeWorkplace(t: TestContext, classes: number, perClass: number) {
  const { root, folder, models, labels } = await labelledPictures(t, classes, perClass)
  const places = ['--data', join(root, 'data'), '--models', models]
  const train = (name: string, ...more: string[]) => [
    ...['train', folder, '--objective', 'multi-similarity', '--name', name, ...places],
    ...['--model', 'tiny', '--dimensions', '2', '--steps', '10', ...more],
  ]
  return { folder, models, labels, train }
}

test('train writes a model that evaluate accepts and that scores what the report says', async (t) => {
  const { folder, models, labels, train } = await makeWorkplace(t, 10, 6)
  writeFileSync(join(folder, labels[0]!, 'broken.png'), 'this is text')
  const page = join(folder, '..', 'report.html')
  const { status, stdout, stderr } = await runCommand(train('learnt', '--json', '--report', page))
  assert.equal(status, 3, stderr)
  assert.match(stderr, /^refused .*broken\.png: .* \(NOT_AN_IMAGE\)$/m)
  const report = JSON.parse(stdout)
  const { model, seed, objective, split, test: tested, steps } = report
  assert.deepEqual(Object.keys(report), [
    ...['model', 'seed', 'objective', 'split', 'test', 'heads', 'steps', 'seconds'],
  ])
  checkReport(page, report)
  assert.deepEqual([model, seed, objective, steps], ['learnt', 1, 'multi-similarity', steps])
  assert.ok(steps <= 10)
  const splitLabels = [...split.train, ...split.validation, ...split.test]
  assert.deepEqual([splitLabels.length, new Set(splitLabels)], [labels.length, new Set(labels)])
  assert.deepEqual(Object.keys(tested), [
    ...['backbone', 'pca', 'head', 'lift', 'winner', 'intervals'],
  ])
  for (const row of ['backbone', 'pca', 'head']) {
    assert.deepEqual(Object.keys(tested[row]), [...MEASURES])
  }
  const difference = tested.head.mapAtR - tested.backbone.mapAtR
  assert.ok(Math.abs(tested.lift.mapAtR - difference) < 1e-12, stdout)

  assert.deepEqual(readdirSync(models).sort(), [...SHIPPED_MODELS, 'learnt', 'tiny'])
  const onnx = readFileSync(join(models, 'learnt', 'model.onnx'))
  const { sha256 } = JSON.parse(readFileSync(join(models, 'learnt', 'model.json'), 'utf8'))
  assert.equal(sha256, createHash('sha256').update(onnx).digest('hex'))
  const metadata = new Map(readOnnx(onnx).metadataProps.map(({ key, value }) => [key, value]))
  assert.equal(metadata.get('lookalike.seed'), '1')
  assert.match(readFileSync(join(models, 'learnt', 'README.md'), 'utf8'), /^ {4}exported: /m)

  const evaluate = ['evaluate', folder, '--models', models, '--model', 'learnt', '--json']
  const evaluated = await runCommand([...evaluate, '--labels', split.test.join(',')])
  assert.notEqual(evaluated.stdout, '', evaluated.stderr)
  const measured = JSON.parse(evaluated.stdout)
  for (const measure of MEASURES) {
    const off = Math.abs(measured[measure] - tested.winner[measure])
    assert.ok(off < 0.01, `${measure}: ${measured[measure]} and ${tested.winner[measure]}`)
  }

  const again = await runCommand(train('learnt', '--json'))
  assert.equal(again.status, 1)
  assert.match(again.stderr, /--force replaces it \(MODEL_EXISTS\)\n$/)
  const text = join(folder, '..', 'report.md')
  const forced = await runCommand(train('learnt', '--json', '--force', '--report', text))
  checkReport(text, report)
  assert.match(forced.stderr, /^features of 60 images, 60 of them from the cache$/m)
  const { seconds: _, ...same } = JSON.parse(forced.stdout)
  const { seconds: __, ...first } = report
  assert.deepEqual(same, first)
  assert.deepEqual(readFileSync(join(models, 'learnt', 'model.onnx')), onnx)
})

/** The numbers of the JSON, the curves of all heads, and pictures with their verdicts. */
function checkReport(file: string, { test: tested, heads, split }: TrainingReport): void {
  const text = readFileSync(file, 'utf8')
  const isPage = file.endsWith('.html')
  const rows = isPage ? htmlTable(text) : markdownTable(text).slice(2)
  for (const [i, row] of (['backbone', 'pca', 'head', 'winner'] as const).entries()) {
    const { recallAt1, rPrecision, map, mapAtR } = tested[row]
    const bounds = tested.intervals[row].map((bound) => bound.toFixed(3)).join(' to ')
    const wanted = [recallAt1, rPrecision, map, mapAtR].map((value) => value.toFixed(3))
    assert.deepEqual(rows[i]!.slice(1, 6), [...wanted, bounds], file)
    assert.ok(tested.intervals[row][0] <= mapAtR && mapAtR <= tested.intervals[row][1], row)
  }
  assert.match(rows[2]![6]!, new RegExp(`[+-]${Math.abs(tested.lift.mapAtR).toFixed(3)} \\(`))

  const charts = isPage
    ? [...text.match(/<svg[\s\S]*?<\/svg>/g)!]
    : [1, 2].map((number) => {
        return readFileSync(`${file}-files/chart-${number}.svg`, 'utf8')
      })
  for (const [chart, member] of [
    [charts[0]!, 'mapAtR'],
    [charts[1]!, 'loss'],
  ] as const) {
    const wanted = heads.flatMap(({ start, fold, curve }) =>
      curve
        .filter((point) => point[member] !== null)
        .map((point) => ({
          name: `${start}, ${fold === null ? 'all folds' : `fold ${fold}`}`,
          step: point.step,
          value: point[member]!.toFixed(4),
        })),
    )
    assert.deepEqual(chartPoints(chart), wanted)
    assert.ok(wanted.length >= 6, `${wanted.length} points of ${member}`)
  }
  const labels = new Set(split.test)
  if (!isPage) return
  const queries = shownPictures(text)
  assert.equal(queries.length, 12)
  for (const { query, found } of queries) {
    assert.ok(labels.has(query.id.split('/')[0]!), query.id)
    assert.ok(found.length === 8 || found.length === 16, `${found.length} found`)
    for (const { id, verdict } of found) {
      assert.equal(verdict, id.split('/')[0] === query.id.split('/')[0] ? 'right' : 'wrong')
    }
  }
}

test('Ctrl-C ends the training without a model, and the same command resumes where it was', async (t) => {
  const { folder, models, train } = await makeWorkplace(t, 8, 4)
  const long = (name: string) => train(name, '--steps', '60', '--json')
  const child = startCommand(long('learnt'))
  child.stderr?.on('data', (text: string) => {
    // A second signal would end it at once.
    if (text.includes('head 2 of') && !child.killed) child.kill('SIGINT')
  })
  const { status, stdout, stderr } = await child.finished
  assert.equal(status, 1, stderr)
  assert.match(stderr, /\(CANCELLED\)\n$/)
  assert.equal(stdout, '')
  assert.deepEqual(readdirSync(models).sort(), [...SHIPPED_MODELS, 'tiny'])
  const checkpoints = join(folder, '..', 'data', 'trainings')
  assert.equal(readdirSync(checkpoints).length, 1)

  const resumed = await runCommand(long('learnt'))
  assert.match(resumed.stderr, /^going on where an earlier training stopped, after [1-9] heads$/m)
  assert.deepEqual(readdirSync(checkpoints), [])
  const whole = await runCommand(long('whole'))
  assert.doesNotMatch(whole.stderr, /going on/)
  const numbersOf = (text: string) => {
    const { split, test: tested, steps } = JSON.parse(text)
    return { split, tested, steps }
  }
  assert.deepEqual(numbersOf(resumed.stdout), numbersOf(whole.stdout))
})

test('too few classes, a backbone by its own name and more dimensions are refused first', async (t) => {
  const { models, train } = await makeWorkplace(t, 5, 2)
  for (const [args, status, message] of [
    [train('learnt'), 1, /6 classes .* got 5 and 0 of one image \(TRAINING_INVALID\)\n$/],
    [train('tiny', '--force'), 2, /\(INVALID_NAME\)\n$/],
    [train('learnt', '--dimensions', '4'), 1, /3 .* 4 \(TRAINING_INVALID\)\n$/],
    [train('learnt', '--jrd', '1'), 1, /proxies for JRD, got multi-.* \(TRAINING_INVALID\)\n$/],
    [train('learnt', '--jrd', '-1'), 2, /at least 0/],
    [train('../learnt'), 2, /letters, digits/],
    [
      train('learnt', '--learners', '4', '--steps', '11'),
      1,
      /2 learners .* got 4 \(TRAINING_INVALID\)\n$/,
    ],
    [train('learnt', '--learnt-masks'), 2, /--learners K, got none \(INVALID_REQUEST\)\n$/],
    [train('learnt', '--recipe', 'none.yaml'), 1, /none\.yaml.* \(FILE_UNREADABLE\)\n$/],
    [train('learnt', '--test-share', '1'), 2, /between 0 and 1/],
    [train('learnt', '--compare', 'margin,margn'), 2, /objectives of contrastive/],
  ] as const) {
    const refused = await runCommand(args)
    assert.equal(refused.status, status, refused.stderr)
    assert.match(refused.stderr, message)
    assert.equal(existsSync(join(models, 'learnt')), false)
  }
})

test('a recipe trains as it says, options of the command win, and the model says both', async (t) => {
  const { folder, models, train } = await makeWorkplace(t, 8, 4)
  const recipe = join(folder, '..', 'recipe.yaml')
  writeFileSync(
    recipe,
    'objective: margin\nhead: { kind: mlp, hidden: 4 }\nsteps: 6\nlearners: 2\nseed: 9\n',
  )
  const options = train('learnt', '--json', '--recipe', recipe).filter(
    (word, i, all) => word !== '--objective' && all[i - 1] !== '--objective',
  )
  const { stdout, stderr } = await runCommand(options)
  assert.notEqual(stdout, '', stderr)
  const { objective, seed, steps } = JSON.parse(stdout)
  assert.deepEqual([objective, seed], ['margin', 9])
  assert.ok(steps <= 10)
  const onnx = readOnnx(readFileSync(join(models, 'learnt', 'model.onnx')))
  const kept = onnx.metadataProps.find(({ key }) => key === 'lookalike.options')
  const { head, learners } = JSON.parse(kept!.value)
  assert.deepEqual(head, { kind: 'mlp', hidden: 4 })
  assert.deepEqual(learners, { kind: 'slices', count: 2 })
})

type Exported = { readonly mapAtR: number; readonly kept: number }

test('--compare trains each objective by every seed, and writes no model', async (t) => {
  const { models, train } = await makeWorkplace(t, 8, 4)
  const compared = ['--compare', 'margin,proxy-anchor', '--seeds', '2', '--json']
  const { status, stdout, stderr } = await runCommand(train('learnt', ...compared))
  assert.equal(status, 0, stderr)
  const report = JSON.parse(stdout)
  assert.deepEqual(report.seeds, [1, 2])
  const names = report.objectives.map(({ objective }: { objective: string }) => objective)
  assert.deepEqual(names, ['margin', 'proxy-anchor'])
  const [first, second] = report.objectives
  for (const { runs, mapAtR, lift, leastKept } of report.objectives) {
    const heads = runs.map(({ head }: { head: number }) => head)
    assert.ok(Math.abs(mapAtR.mean - (heads[0] + heads[1]) / 2) < 1e-12, stdout)
    assert.ok(lift.interval[0] <= lift.mean && lift.mean <= lift.interval[1], stdout)
    const kept = runs.map(({ backbone, exported }: { backbone: number; exported: Exported }) => {
      assert.equal(exported.kept, exported.mapAtR / backbone)
      return exported.kept
    })
    assert.equal(leastKept, Math.min(...kept))
  }
  const backbones = [first, second].map(({ runs }) =>
    runs.map((run: { backbone: number }) => run.backbone),
  )
  assert.deepEqual(backbones[0], backbones[1], 'the same splits')
  assert.match(stderr, /margin, seed 2: MAP@R .+ of the backbone, .+ of the head, .+ exported/)
  assert.equal(existsSync(join(models, 'learnt')), false)
})

test('a comparison that is interrupted resumes with the next training, and ends with the same numbers', async (t) => {
  const { folder, train } = await makeWorkplace(t, 8, 4)
  const compared = ['--compare', 'margin,proxy-anchor', '--seeds', '2', '--json']
  const child = startCommand(train('learnt', ...compared))
  child.stderr?.on('data', (text: string) => {
    if (text.includes('proxy-anchor, seed 1') && !child.killed) child.kill('SIGINT')
  })
  const { status, stderr } = await child.finished
  assert.equal(status, 1, stderr)
  assert.match(stderr, /\(CANCELLED\)\n$/)
  const states = join(folder, '..', 'data', 'trainings')
  const [state] = readdirSync(states)
  assert.match(state!, /\.comparison\.json$/)
  const text = readFileSync(join(states, state!), 'utf8')

  const resumed = await runCommand(train('learnt', ...compared))
  assert.match(
    resumed.stderr,
    /^going on where an earlier comparison stopped, after [23] trainings$/m,
  )
  assert.doesNotMatch(resumed.stderr, /, seed 1: /)
  assert.deepEqual(readdirSync(states), [])

  writeFileSync(join(states, state!), text.replace('"head": 0.', '"head": 1.'))
  const whole = await runCommand(train('learnt', ...compared))
  assert.match(whole.stderr, /^the checkpoint of an earlier comparison is damaged; it starts/m)
  assert.match(whole.stderr, /, seed 1: /)
  assert.equal(resumed.stdout, whole.stdout)
})
