// Measures what each method of learning gains over the objective that it is put on: easy positives, JRD, divide and
// conquer with slices and with masks. All by one protocol: the same splits, steps and start.
// usage: node dist/bench/learning-methods.js --folder FOLDER | --emoji
//          [--model efficientnet-lite2-lite0-int8] [--seeds 5] [--name learning-methods-grocery] [--data FOLDER]
// What was measured is kept in the data folder, so that a run that was interrupted goes on.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config/config.ts'
import { meanOfRuns } from '../src/evaluation/intervals.ts'
import { learnEmbedding } from '../src/learning/learn-embedding.ts'
import { recipeOf, type TrainingRecipe } from '../src/learning/recipe.ts'
import type { GivenPart } from '../src/learning/split-classes.ts'
import { loadTrainingData } from '../src/training/data/load-data.ts'
import { withLearningEngine } from '../src/training/run/with-learning-engine.ts'
import { selectRows } from '../src/vector/row-matrix.ts'
import { emojiClasses } from './support/emoji-classes.ts'
import { circumstances, writeReport } from './support/report.ts'

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    emoji: { type: 'boolean', default: false },
    model: { type: 'string', default: 'efficientnet-lite2-lite0-int8' },
    seeds: { type: 'string', default: '5' },
    name: { type: 'string', default: 'learning-methods' },
    data: { type: 'string', default: join(tmpdir(), 'lookalike-bench-methods') },
  },
})

/** The objectives as in the papers of the methods; JRD's has its scale and margin. */
const MULTI_SIMILARITY = { kind: 'multi-similarity' } as const
const MARGIN = { kind: 'margin' } as const
const TRIPLET = { kind: 'triplet' } as const
const AM_SOFTMAX = { kind: 'am-softmax', scale: 20, margin: 0.1 } as const
const SLICES = { kind: 'slices', count: 8 } as const
const MASKS = { kind: 'masks', count: 8 } as const

interface Variant {
  /** The objective, which is also the base that a method is compared with. */
  readonly name: string
  readonly method?: string
  readonly objective: TrainingRecipe['objective']
  readonly with?: Partial<TrainingRecipe>
}

const EASY = { easyPositives: true }
const VARIANTS: readonly Variant[] = [
  { name: 'multi-similarity', objective: MULTI_SIMILARITY },
  { method: 'easy positives', name: 'multi-similarity', objective: MULTI_SIMILARITY, with: EASY },
  { name: 'triplet', objective: TRIPLET },
  { method: 'easy positives', name: 'triplet', objective: TRIPLET, with: EASY },
  { name: 'margin', objective: MARGIN },
  { method: 'easy positives', name: 'margin', objective: MARGIN, with: EASY },
  { method: '8 slices', name: 'margin', objective: MARGIN, with: { learners: SLICES } },
  { method: '8 masks', name: 'margin', objective: MARGIN, with: { learners: MASKS } },
  { name: 'am-softmax', objective: AM_SOFTMAX },
  { method: 'JRD', name: 'am-softmax', objective: AM_SOFTMAX, with: { jrd: { weight: 1 } } },
]
const titleOf = ({ name, method }: Variant) => (method === undefined ? name : `${name}, ${method}`)

interface Reached {
  readonly variant: string
  readonly seed: number
  readonly backbone: number
  readonly head: number
  readonly kept: number
}

const signal = new AbortController().signal
const quiet = { resumeFrom: null, onProgress() {}, async onCheckpoint() {} }
const config = loadConfig({}, { data: values.data, model: values.model })
mkdirSync(values.data, { recursive: true })
const { features, labels, partsOf } = await loaded()
const stateFile = join(values.data, `${values.name}.json`)
const reached: Reached[] = existsSync(stateFile)
  ? (JSON.parse(readFileSync(stateFile, 'utf8')) as Reached[])
  : []
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  for (const variant of VARIANTS) {
    if (reached.some((one) => one.variant === titleOf(variant) && one.seed === seed)) continue
    const parts = partsOf?.(seed) ?? null
    const rows = labels.map((_, row) => row).filter((row) => parts === null || parts[row] !== null)
    const recipe = recipeOf(variant.objective, { starts: ['whitened'], seed, ...variant.with })
    const own = parts === null ? null : rows.map((row) => parts[row] as GivenPart)
    const { test, chosen } = await withLearningEngine(config, (engine) =>
      learnEmbedding(
        selectRows(features, rows),
        rows.map((row) => labels[row]!),
        { ...recipe, parts: own, otherViews: [], inner: null, signal, ...quiet },
        engine,
      ),
    )
    const backbone = test.backbone.measures.mapAtR
    const [head, exported] = [test.head.measures.mapAtR, test.chosen.measures.mapAtR]
    reached.push({ variant: titleOf(variant), seed, backbone, head, kept: exported / backbone })
    writeFileSync(stateFile, JSON.stringify(reached))
    process.stderr.write(`${titleOf(variant)}, seed ${seed}: ${backbone} ${head} ${chosen.kind}\n`)
  }
}
report()

async function loaded() {
  const recipe = recipeOf(MULTI_SIMILARITY, { starts: ['whitened'] })
  const context = {
    onNote: (line: string) => process.stderr.write(`${line}\n`),
    onProgress() {},
    startProgress: () => ({ update() {}, stop() {} }),
    signal,
  }
  if (!values.emoji) {
    const source = { kind: 'folder', path: values.folder ?? '', within: null } as const
    return { ...(await loadTrainingData(source, recipe, config, context)), partsOf: null }
  }
  const emoji = emojiClasses()
  const file = join(values.data, 'emoji.csv')
  const rows = emoji.images.map(({ path, label }) => `${path},${label}`)
  writeFileSync(file, `${['path,label', ...rows].join('\n')}\n`)
  const source = { kind: 'csv', path: file, within: null } as const
  return { ...(await loadTrainingData(source, recipe, config, context)), partsOf: emoji.partsOf }
}

function report(): void {
  const ofVariant = (name: string) => reached.filter(({ variant }) => variant === name)
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const spread = (numbers: readonly number[], text: (value: number) => string) => {
    const { mean, interval } = meanOfRuns(numbers)
    return `${text(mean)} (${interval.map(text).join(' to ')})`
  }
  const digits = (value: number) => value.toFixed(3)
  const rows = VARIANTS.map((variant) => {
    const own = ofVariant(titleOf(variant))
    const base = variant.method === undefined ? null : ofVariant(variant.name)
    const lifts = own.map(({ head, backbone }) => head - backbone)
    const relative = own.map(({ head, backbone }) => head / backbone - 1)
    const over = own.map(({ head }, i) => head - (base?.[i]?.head ?? Number.NaN))
    return [
      titleOf(variant),
      meanOfRuns(own.map(({ head }) => head)).mean.toFixed(3),
      spread(lifts, digits),
      spread(relative, percent),
      base === null ? '' : spread(over, digits),
      Math.min(...own.map(({ kept }) => kept)).toFixed(2),
    ]
  })
  const backbone = meanOfRuns(ofVariant('margin').map((run) => run.backbone)).mean.toFixed(3)
  const data = values.emoji
    ? `emoji of things, ${labels.length / 2} in each drawing: trained on Google's of half of the subcategories, tested on Twitter's of the others`
    : `${labels.length} images below ${values.folder}`
  writeReport(
    values.name,
    circumstances(
      data,
      `${values.model}, MAP@R ${backbone} of it; heads from the whitened start, 200 steps at most, ${values.seeds} splits; AM-softmax with scale 20 and margin .1`,
    ),
    [
      {
        title: 'MAP@R of the heads on test classes: means with 95 % intervals (Student)',
        columns: [
          'method',
          'MAP@R',
          'over the backbone',
          'relative',
          'over its base, split by split',
          'least exported, by the backbone',
        ],
        rows,
      },
    ],
  )
}
