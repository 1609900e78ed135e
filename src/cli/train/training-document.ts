import { left, right, type Table } from '../../text-table.ts'
import type { ExampleImages } from '../../training/export/example-images.ts'
import { type TrainingReport, testRows } from '../../training/export/training-report.ts'
import type { TrainedModel } from '../../training/run/train-model.ts'
import {
  type Chart,
  DISTANCES,
  type ExampleQuery,
  type ReportDocument,
} from '../report/report-document.ts'

/** Makes the report of `lookalike train`. */
export function trainingDocument(
  backbone: string,
  { report, why, examples }: Pick<TrainedModel, 'report' | 'why' | 'examples'>,
): ReportDocument {
  const { model, objective, seed, split, heads } = report
  const folds = split.folds.map((labels) => labels.length).join(', ')
  return {
    title: `${model}, trained on ${backbone}`,
    facts: [
      `Objective ${objective}, seed ${seed}, ${report.seconds} s. Classes: folds of ${folds} to train and choose by, ${split.test.length} to test on, which neither training nor choosing has seen.`,
      `${why}.`,
    ],
    table: testTable(report),
    notes: [
      'Means over the test pictures, from 0 to 1, higher is better. Intervals of 95 %: the classes drawn anew (bootstrap); "over the backbone" is paired by class.',
    ],
    charts: [
      chart('MAP@R on the validation classes', heads, ({ mapAtR }) => mapAtR),
      chart('Loss', heads, ({ loss }) => loss),
    ].filter(({ series }) => series.length > 0),
    examples:
      examples.length === 0
        ? null
        : {
            caption: `${examples.length} of the test pictures, in even steps ${order(report)}, each with the pictures nearest to it. ${DISTANCES}`,
            queries: examples.map(exampleOf),
          },
  }
}

type Heads = TrainingReport['heads']

const TABLE_MEASURES = ['recallAt1', 'rPrecision', 'map', 'mapAtR'] as const

function testTable(report: TrainingReport): Table {
  const titles = ['Recall@1', 'R-precision', 'mAP', 'MAP@R', '95 % interval', 'over the backbone']
  return {
    columns: [left(''), ...titles.map(right)],
    rows: testRows(report).map(({ name, measures, interval, lift }) => [
      name,
      ...TABLE_MEASURES.map((measure) => measures[measure].toFixed(3)),
      interval.map((bound) => bound.toFixed(3)).join(' to '),
      lift,
    ]),
  }
}

function chart(
  title: string,
  heads: Heads,
  of: (point: Heads[number]['curve'][number]) => number | null,
): Chart {
  const series = heads.map(({ start, fold, curve }) => ({
    name: fold === null ? `${start}, all folds` : `${start}, fold ${fold}`,
    kind: fold === null ? 'all folds' : `fold ${fold}`,
    stroke: start,
    points: curve.flatMap((point) => {
      const value = of(point)
      return value === null || !Number.isFinite(value) ? [] : [[point.step, value] as const]
    }),
  }))
  return { title, x: 'steps', series: series.filter(({ points }) => points.length > 0) }
}

function order({ test }: TrainingReport): string {
  return test.winner.kind === 'backbone'
    ? 'from the lowest MAP@R to the highest'
    : 'from the one whose MAP@R fell most, from backbone to exported model, to the one whose rose most'
}

function exampleOf({ query, backbone, exported }: ExampleImages): ExampleQuery {
  const before = { by: 'backbone', found: backbone }
  const answers = exported === null ? [before] : [before, { by: 'exported', found: exported }]
  return { query, score: '', answers }
}
