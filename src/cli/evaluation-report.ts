import type { LabelledEvaluation } from '../evaluation/evaluate-labelled.ts'
import type { Interval } from '../evaluation/intervals.ts'
import { MEASURES, type Measure, type Measures } from '../evaluation/rank-measures.ts'
import type { Table } from '../text-table.ts'

/** The fixed form of `lookalike evaluate --json`. Means over images; intervals of level .95. */
export interface EvaluationReport extends Measures {
  readonly model: string
  readonly images: number
  readonly classes: number
  readonly nmi: number
  readonly intervals: Readonly<Record<Measure, Interval>>
}

const NAMES: Readonly<Record<Measure, string>> = {
  recallAt1: 'Recall@1',
  recallAt2: 'Recall@2',
  recallAt4: 'Recall@4',
  recallAt8: 'Recall@8',
  rPrecision: 'R-precision',
  mapAtR: 'MAP@R',
  map: 'mAP',
}

export function evaluationReport(model: string, evaluation: LabelledEvaluation): EvaluationReport {
  const { images, classes, perImage, nmi } = evaluation
  const { recallAt1, recallAt2, recallAt4, recallAt8, rPrecision, mapAtR, map } = perImage.means
  return {
    ...{ model, images, classes },
    ...{ recallAt1, recallAt2, recallAt4, recallAt8, rPrecision, mapAtR, map },
    nmi,
    intervals: perImage.intervals,
  }
}

export function evaluationTable({ perImage, perClass, nmi }: LabelledEvaluation): Table {
  const rows = MEASURES.map((measure) => [
    NAMES[measure],
    ...[perImage, perClass].flatMap(({ means, intervals }) => [
      means[measure].toFixed(3),
      intervals[measure].map((bound) => bound.toFixed(3)).join(' to '),
    ]),
  ])
  return {
    columns: [
      { title: '', align: 'left' },
      { title: 'over images', align: 'right' },
      { title: '95 % interval', align: 'right' },
      { title: 'over classes', align: 'right' },
      { title: '95 % interval', align: 'right' },
    ],
    rows: [...rows, ['NMI', nmi.toFixed(3)]],
  }
}

/** What was measured, in a line. */
export function evaluationLine(model: string, evaluation: LabelledEvaluation): string {
  const { images, classes, queries } = evaluation
  return `${model}: ${images} images of ${classes} classes, ${queries} asked with`
}
