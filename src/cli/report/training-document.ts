import type { Interval } from '../../evaluation/bootstrap.ts'
import type { Measures } from '../../evaluation/rank-measures.ts'
import type { Table } from '../../text-table.ts'
import type { TrainedExample } from '../../training/export/example-images.ts'
import {
  liftText,
  type ReportedHead,
  type TrainingReport,
  winnerName,
} from '../../training/export/training-report.ts'
import type { TrainedModel } from '../../training/run/train-model.ts'
import type { Chart, ExampleQuery, ReportDocument } from './report-document.ts'

/** The report of `lookalike train`. */
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
            caption: `${examples.length} of the test pictures, in even steps ${order(report)}, each with the pictures nearest to it and their distances.`,
            queries: examples.map(query),
          },
  }
}

function testTable({ test }: TrainingReport): Table {
  const rows: readonly (readonly [string, Measures, Interval, string])[] = [
    ['backbone', test.backbone, test.intervals.backbone, ''],
    ['pca', test.pca, test.intervals.pca, ''],
    ['head', test.head, test.intervals.head, liftText(test.lift)],
    [
      ...([`exported: ${winnerName(test.winner)}`, test.winner] as const),
      ...([test.intervals.winner, liftText(test.winner.lift)] as const),
    ],
  ]
  const titles = ['Recall@1', 'R-precision', 'mAP', 'MAP@R', '95 % interval', 'over the backbone']
  return {
    columns: [
      { title: '', align: 'left' },
      ...titles.map((title) => ({ title, align: 'right' as const })),
    ],
    rows: rows.map(([name, { recallAt1, rPrecision, map, mapAtR }, interval, lift]) => [
      name,
      ...[recallAt1, rPrecision, map, mapAtR].map((value) => value.toFixed(3)),
      interval.map((bound) => bound.toFixed(3)).join(' to '),
      lift,
    ]),
  }
}

function chart(
  title: string,
  heads: readonly ReportedHead[],
  of: (point: ReportedHead['curve'][number]) => number | null,
): Chart {
  const series = heads.map(({ start, fold, curve }) => ({
    name: fold === null ? `${start}, all folds` : `${start}, fold ${fold}`,
    kind: fold === null ? 'all folds' : start,
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

function query({ asked, backbone, exported }: TrainedExample): ExampleQuery {
  const before = { by: 'backbone', found: backbone }
  const answers = exported === null ? [before] : [before, { by: 'exported', found: exported }]
  return { asked, answers }
}
