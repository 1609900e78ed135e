// Measures a training from given features to an exported model: the default recipe on 10,000 made-up images of 500
// classes.
// usage: node dist/bench/train-features.js [--images 10000] [--classes 500]
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config/config.ts'
import { recipeOf } from '../src/learning/recipe.ts'
import { trainModel } from '../src/training/run/train-model.ts'
import { madeFeatures } from './support/made-features.ts'
import { circumstances, writeReport } from './support/report.ts'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '10000' },
    classes: { type: 'string', default: '500' },
  },
})
const [count, classes] = [Number(values.images), Number(values.classes)]
const BACKBONE = { name: 'efficientnet-lite0', dimensions: 1280 }
const root = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
try {
  const models = join(root, 'models')
  mkdirSync(models)
  symlinkSync(resolve('models', BACKBONE.name), join(models, BACKBONE.name))
  const config = loadConfig({}, { data: join(root, 'data'), models, model: BACKBONE.name })
  const vectors = madeFeatures(count, classes, BACKBONE.dimensions)
  const labels = Array.from({ length: count }, (_, row) => `class ${row % classes}`)
  const source = { kind: 'vectors', labels, vectors } as const
  const recipe = recipeOf({ kind: 'multi-similarity' })
  const [started, before] = [performance.now(), process.cpuUsage()]
  const { report } = await trainModel({ source, recipe, name: 'made', force: false }, config, {
    onNote: (line) => process.stderr.write(`${line}\n`),
    onProgress() {},
    startProgress: () => ({ update() {}, stop() {} }),
    signal: new AbortController().signal,
  })
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1000
  const { backbone, winner } = report.test
  writeReport(
    'train-features',
    {
      ...circumstances(
        `made up: ${count} x ${BACKBONE.dimensions}, ${classes} classes`,
        'multi-similarity, the default recipe: ten heads of at most 200 steps',
      ),
      'load average when it ended': loadavg()[0]!.toFixed(1),
    },
    [
      {
        title: 'From features to an exported model',
        columns: ['seconds', 'CPU seconds', 'exported', 'MAP@R', 'of the backbone'],
        rows: [[seconds, (user + system) / 1e6, winner.kind, winner.mapAtR, backbone.mapAtR]],
      },
    ],
  )
} finally {
  rmSync(root, { recursive: true })
}
