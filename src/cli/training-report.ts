import type { Interval } from '../evaluation/bootstrap.ts'
import type { Lift } from '../evaluation/lift.ts'
import { MEASURES, type Measures } from '../evaluation/rank-measures.ts'
import type { FeatureTransform } from '../learning/feature-transform.ts'
import type { LearntEmbedding } from '../learning/learn-embedding.ts'
import { textTable } from './text-table.ts'

interface ReportedLift {
  /** MAP@R minus the backbone's. */
  readonly mapAtR: number
  readonly interval: Interval
}

/** The fixed form of `lookalike train --json`. Measures are means over the test images. */
export interface TrainingReport {
  readonly model: string
  readonly seed: number
  readonly objective: string
  readonly split: Readonly<Record<'train' | 'validation' | 'test', readonly string[]>>
  readonly test: {
    readonly backbone: Measures
    readonly pca: Measures
    readonly head: Measures
    /** Of the head. */
    readonly lift: ReportedLift
    /** What the model is: the backbone, unless another was better on the validation classes. */
    readonly winner: Measures & {
      readonly kind: FeatureTransform['kind']
      /** Of the head in cosines, where it is joined with the backbone. */
      readonly share?: number
      readonly lift: ReportedLift
    }
  }
  readonly steps: number
  readonly seconds: number
}

export function trainingReport(
  { model, seed, objective }: Pick<TrainingReport, 'model' | 'seed' | 'objective'>,
  { split, head, choice, test }: LearntEmbedding,
  seconds: number,
): TrainingReport {
  const { transform } = choice.chosen
  return {
    ...{ model, seed, objective },
    split: {
      train: split.train.labels,
      validation: split.validation.labels,
      test: split.test.labels,
    },
    test: {
      backbone: test.backbone,
      pca: test.pca.measures,
      head: test.head.measures,
      lift: reported(test.head.lift),
      winner: {
        kind: transform.kind,
        ...(transform.kind === 'joined' ? { share: transform.share } : {}),
        ...test.chosen.measures,
        lift: reported(test.chosen.lift),
      },
    },
    steps: head.steps,
    seconds,
  }
}

/** The rows of the test, for people. */
export function trainingTable({ test }: TrainingReport): string {
  const rows: readonly (readonly [string, Measures])[] = [
    ['backbone', test.backbone],
    ['pca', test.pca],
    ['head', test.head],
    [`exported: ${winnerName(test.winner)}`, test.winner],
  ]
  const table = textTable(
    [
      { title: '', align: 'left' },
      ...['Recall@1', 'R-precision', 'MAP@R', 'mAP'].map((title) => ({
        ...{ title, align: 'right' as const },
      })),
    ],
    rows.map(([name, { recallAt1, rPrecision, mapAtR, map }]) => [
      name,
      ...[recallAt1, rPrecision, mapAtR, map].map((value) => value.toFixed(3)),
    ]),
  )
  return `${table}\nMAP@R over the backbone: head ${liftText(test.lift)}, exported ${liftText(test.winner.lift)}\n`
}

/** Why the model is what it is: what the validation classes said. */
export function choiceText({ split, head, choice }: LearntEmbedding): string {
  const { best, lift, beatsBackbone } = choice
  const found = `${transformName(best.transform)} ${liftText({ mapAtR: lift.value, interval: lift.interval })}`
  const trained =
    head.bestStep === 0
      ? 'no step of the training was better than its start, the PCA'
      : `the head is that of step ${head.bestStep}`
  return beatsBackbone
    ? `${trained}; on the validation classes the best of all beats the backbone in MAP@R: ${found}`
    : `${trained}; nothing beats the backbone beyond doubt on the validation classes (best: ${found}), so the model is the backbone as it is: as far as ${split.validation.labels.length} classes can tell, it is as good`
}

export function measuresLine(measures: Measures): string {
  return MEASURES.map((measure) => `${measure} ${measures[measure].toFixed(4)}`).join(', ')
}

function transformName(transform: FeatureTransform): string {
  return winnerName({
    kind: transform.kind,
    ...(transform.kind === 'joined' ? { share: transform.share } : {}),
  })
}

function winnerName({ kind, share }: Pick<TrainingReport['test']['winner'], 'kind' | 'share'>) {
  return share === undefined ? kind : `backbone and head joined, ${share} of it the head`
}

function liftText({ mapAtR, interval }: ReportedLift): string {
  const [low, high] = interval.map(signed)
  return `${signed(mapAtR)} (${low} to ${high})`
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`
}

function reported({ value, interval }: Lift): ReportedLift {
  return { mapAtR: value, interval }
}
