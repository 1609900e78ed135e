import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/config.ts'
import { recipeOf } from '../../../src/learning/recipe.ts'
import { trainInThread } from '../../../src/training/run/train-in-thread.ts'
import { trainModel } from '../../../src/training/run/train-model.ts'
import { failsWith } from '../../support/errors.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'

const quiet = {
  onNote() {},
  onProgress() {},
  startProgress: () => ({ update() {}, stop() {} }),
}

test('a damaged checkpoint is reported, and the training starts from the beginning', async (t) => {
  const { root, folder, models } = await labelledPictures(t, 8, 4)
  const config = loadConfig({}, { data: join(root, 'data'), models, model: 'tiny' })
  const recipe = recipeOf({ kind: 'margin' }, { dimensions: 2, steps: 40, starts: ['pca'] })
  const source = { kind: 'folder', path: folder, within: null } as const
  const request = { source, recipe, name: 'learnt', force: false }
  const stop = new AbortController()
  const stopping = trainModel(request, config, {
    ...quiet,
    onProgress: () => stop.abort(),
    signal: stop.signal,
  })
  await assert.rejects(stopping, failsWith('CANCELLED'))
  const checkpoints = join(root, 'data', 'trainings')
  const [name] = readdirSync(checkpoints)
  const bytes = readFileSync(join(checkpoints, name!))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(checkpoints, name!), bytes)

  const lines: string[] = []
  const heads: number[] = []
  const { report } = await trainModel(request, config, {
    ...quiet,
    onNote: (line) => lines.push(line),
    onProgress: ({ head, step }) => heads.push(100 * head + step),
    signal: new AbortController().signal,
  })
  const notes = lines.filter((line) => line.includes('checkpoint'))
  assert.deepEqual(notes, [
    'the checkpoint of an earlier training is damaged; the training starts from the beginning',
  ])
  assert.equal(heads[0], 120)
  assert.equal(report.model, 'learnt')
  assert.deepEqual(readdirSync(checkpoints), [])
})

test('a training whose thread dies is an error, not a wait', async (t) => {
  const { root, folder, models } = await labelledPictures(t, 1, 1)
  const config = loadConfig({}, { data: join(root, 'data'), models, model: 'tiny' })
  const source = { kind: 'folder', path: folder, within: null } as const
  const request = { source, recipe: recipeOf({ kind: 'margin' }), name: 'learnt', force: false }
  const around = { ...quiet, signal: new AbortController().signal }
  const script = new URL('data:text/javascript,process.exit(3)')
  await assert.rejects(
    trainInThread(request, config, around, { givesWay: false, script }),
    failsWith('THREAD_FAILED', /ended with exit code 3/),
  )
})

test('a training that fails leaves no features of its images', async (t) => {
  const { root, folder, models } = await labelledPictures(t, 8, 4)
  const config = loadConfig({}, { data: join(root, 'data'), models, model: 'tiny' })
  const recipe = recipeOf({ kind: 'margin' }, { dimensions: 2, steps: 40, starts: ['pca'] })
  const source = { kind: 'folder', path: folder, within: null } as const
  const features = join(root, 'data', 'features')
  let before: string[] = []
  const training = trainModel({ source, recipe, name: 'learnt', force: false }, config, {
    ...quiet,
    onProgress: () => {
      before = readdirSync(features)
      throw new Error('a step failed')
    },
    signal: new AbortController().signal,
  })
  await assert.rejects(training, /a step failed/)
  assert.equal(before.length, 1)
  assert.deepEqual(readdirSync(features), [])
})
