import type { Lift } from '../../evaluation/averages.ts'
import type { Interval } from '../../evaluation/intervals.ts'
import { MEASURES, type Measures } from '../../evaluation/rank-measures.ts'
import type { FeatureTransform } from '../../learning/feature-transform.ts'
import type { StartedHead } from '../../learning/heads/train-heads.ts'
import type { LearntEmbedding } from '../../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { StartName } from '../../learning/start/head-start.ts'
import { left, right, textTable } from '../../text-table.ts'

/** A head that was trained; MAP@R in its curve is that on the validation classes. */
interface ReportedHead extends Pick<StartedHead, 'start' | 'steps' | 'bestStep' | 'curve'> {
  /** The fold that was its validation, from 1; null where none was. */
  readonly fold: number | null
}

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
  /** `train` and `validation` as for the first fold; each of `folds` is for validation once. */
  readonly split: Readonly<Record<'train' | 'validation' | 'test', readonly string[]>> & {
    readonly folds: readonly (readonly string[])[]
  }
  readonly test: {
    readonly backbone: Measures
    readonly pca: Measures
    readonly head: Measures
    /** The lift of the head. */
    readonly lift: ReportedLift
    /** The exported model: the backbone, unless another was better on the validation classes. */
    readonly winner: Measures & {
      readonly kind: FeatureTransform['kind']
      /** The share of the head in cosines, where it is joined with the backbone. */
      readonly share?: number
      /** The start of the head, where the model has one. */
      readonly start?: StartName
      readonly lift: ReportedLift
    }
    /** Intervals of MAP@R, level .95. */
    readonly intervals: Readonly<Record<'backbone' | 'pca' | 'head' | 'winner', Interval>>
  }
  /** All heads that were trained, the last one on all folds. */
  readonly heads: readonly ReportedHead[]
  readonly steps: number
  readonly seconds: number
}

export function trainingReport(
  { model, recipe }: { readonly model: string; readonly recipe: TrainingRecipe },
  { split, foldHeads, head, chosen, test }: LearntEmbedding,
  seconds: number,
): TrainingReport {
  const [first, ...others] = split.folds
  return {
    model,
    seed: recipe.seed,
    objective: recipe.objective.kind,
    split: {
      train: others.flatMap(({ labels }) => labels),
      validation: first?.labels ?? [],
      test: split.test.labels,
      folds: split.folds.map(({ labels }) => labels),
    },
    test: {
      backbone: test.backbone.measures,
      pca: test.pca.measures,
      head: test.head.measures,
      lift: reported(test.head.lift),
      winner: {
        kind: chosen.kind,
        ...(chosen.kind === 'joined' ? { share: chosen.share } : {}),
        ...(chosen.kind === 'joined' || chosen.kind === 'head' ? { start: head.start } : {}),
        ...test.chosen.measures,
        lift: reported(test.chosen.lift),
      },
      intervals: {
        backbone: test.backbone.interval,
        pca: test.pca.interval,
        head: test.head.interval,
        winner: test.chosen.interval,
      },
    },
    heads: [...foldHeads, head].map(({ start, steps, bestStep, curve }, i) => {
      // Fold after fold, from the same starts.
      const earlier = foldHeads.slice(0, i).filter((other) => other.start === start)
      const fold = i < foldHeads.length ? earlier.length + 1 : null
      return { start, fold, steps, bestStep, curve }
    }),
    steps: head.steps,
    seconds,
  }
}

function reported({ value, interval }: Lift): ReportedLift {
  return { mapAtR: value, interval }
}

/** Lists the rows of the test, for tables. */
export function testRows({ test }: TrainingReport) {
  const { backbone, pca, head, lift, winner, intervals } = test
  const exported = `exported: ${winnerName(winner)}`
  return [
    { name: 'backbone', measures: backbone, interval: intervals.backbone, lift: '' },
    { name: 'pca', measures: pca, interval: intervals.pca, lift: '' },
    { name: 'head', measures: head, interval: intervals.head, lift: liftText(lift) },
    { name: exported, measures: winner, interval: intervals.winner, lift: liftText(winner.lift) },
  ]
}

export function trainingTable(report: TrainingReport): string {
  const { lift, winner } = report.test
  const table = textTable({
    columns: [left(''), ...['Recall@1', 'R-precision', 'MAP@R', 'mAP'].map(right)],
    rows: testRows(report).map(({ name, measures: { recallAt1, rPrecision, mapAtR, map } }) => [
      name,
      ...[recallAt1, rPrecision, mapAtR, map].map((value) => value.toFixed(3)),
    ]),
  })
  return `${table}\nMAP@R over the backbone: head ${liftText(lift)}, exported ${liftText(winner.lift)}\n`
}

/** Explains by the validation classes why the model is what it is. */
export function choiceText({ head, choice }: Pick<LearntEmbedding, 'head' | 'choice'>): string {
  const { best, lift, beatsBackbone, classes } = choice
  const found = `${winnerName(best)} ${liftText(reported(lift))}`
  const trained =
    head.steps === 0
      ? `no step of the training was better than its start (${head.start})`
      : `the head started as ${head.start} and took ${head.steps} steps`
  return beatsBackbone
    ? `${trained}; on ${classes} validation classes the best of all beats the backbone in MAP@R: ${found}`
    : `${trained}; nothing beats the backbone beyond doubt on the validation classes (best: ${found}), so the model is the backbone as it is: as far as ${classes} classes can tell, it is as good`
}

export function measuresLine(measures: Measures): string {
  return MEASURES.map((measure) => `${measure} ${measures[measure].toFixed(4)}`).join(', ')
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
