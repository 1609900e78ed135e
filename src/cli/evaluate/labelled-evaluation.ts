import {
  type EvaluationProgress,
  evaluateLabelled,
  type LabelledEvaluation,
} from '../../evaluation/evaluate-labelled.ts'
import { MEASURES, type Measure } from '../../evaluation/rank-measures.ts'
import { left, right, type Table } from '../../text-table.ts'
import { type EmbeddedImages, type Evaluation, exampleQueries, nameIn } from './evaluation.ts'

// One seed, so that the same images and the same model give the same numbers.
const SEED = 1

const NAMES: Readonly<Record<Measure, string>> = {
  recallAt1: 'Recall@1',
  recallAt2: 'Recall@2',
  recallAt4: 'Recall@4',
  recallAt8: 'Recall@8',
  rPrecision: 'R-precision',
  mapAtR: 'MAP@R',
  map: 'mAP',
}

/** Measures how well each image finds the others of its class. @throws as evaluateLabelled. */
export async function measureLabelled(
  model: string,
  folder: string,
  files: EmbeddedImages,
  onProgress: (progress: EvaluationProgress) => void,
): Promise<Evaluation> {
  const scores = new Map<number, number>()
  const labels = files.embedded.map(({ label }) => label)
  const evaluation = await evaluateLabelled(files.vectors, labels, {
    seed: SEED,
    onProgress,
    onQuery: (query, { mapAtR }) => scores.set(query, mapAtR),
  })
  const { images, classes, queries, alone, perImage, nmi } = evaluation
  const line = `${model}: ${images} images of ${classes} classes, ${queries} asked with`
  const ofAlone = alone === 1 ? 'one image is' : `${alone} images are`
  const table = tableOf(evaluation)
  return {
    // Means over images; intervals of level .95.
    report: { model, images, classes, ...perImage.means, nmi, intervals: perImage.intervals },
    line,
    table,
    remarks: alone > 0 ? [`${ofAlone} alone in the class: searched, but not asked with`] : [],
    document: () => ({
      title: `How well ${model} finds pictures of the same class`,
      facts: [
        `${line}. Every picture of ${nameIn(folder)} asks, and all others are searched.`,
        ...(alone > 0 ? [`Alone in the class, so that they were searched only: ${alone}.`] : []),
      ],
      table,
      notes: [
        'From 0 to 1, higher is better. Intervals: the classes drawn anew (bootstrap), so that they tell how far a number may move on other classes of the same kind.',
      ],
      charts: [],
      examples: exampleQueries(files, scores, { score: 'MAP@R', searched: 'pictures' }),
    }),
  }
}

function tableOf({ perImage, perClass, nmi }: LabelledEvaluation): Table {
  const rows = MEASURES.map((measure) => [
    NAMES[measure],
    ...[perImage, perClass].flatMap(({ means, intervals }) => [
      means[measure].toFixed(3),
      intervals[measure].map((bound) => bound.toFixed(3)).join(' to '),
    ]),
  ])
  const titles = ['over images', '95 % interval', 'over classes', '95 % interval']
  return { columns: [left(''), ...titles.map(right)], rows: [...rows, ['NMI', nmi.toFixed(3)]] }
}
