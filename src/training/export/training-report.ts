import type { Interval } from '../../evaluation/bootstrap.ts'
import type { Lift } from '../../evaluation/lift.ts'
import { MEASURES, type Measures } from '../../evaluation/rank-measures.ts'
import type { FeatureTransform } from '../../learning/feature-transform.ts'
import type { StartedHead } from '../../learning/heads/train-heads.ts'
import type { LearntEmbedding } from '../../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import type { StartName } from '../../learning/start/head-start.ts'
import { textTable } from '../../text-table.ts'

export interface ReportedHead {
  readonly start: StartName
  /** From 1, the one that foldHeads it; null where none did. */
  readonly fold: number | null
  /** Taken, and after how many it was best. */
  readonly steps: number
  readonly bestStep: number
  /** MAP@R is that on the validation classes. */
  readonly curve: StartedHead['curve']
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
    /** Of the head. */
    readonly lift: ReportedLift
    /** What the model is: the backbone, unless another was better on the validation classes. */
    readonly winner: Measures & {
      readonly kind: FeatureTransform['kind']
      /** Of the head in cosines, where it is joined with the backbone. */
      readonly share?: number
      /** What a head was before its first step. */
      readonly start?: StartName
      readonly lift: ReportedLift
    }
    /** Of MAP@R, level .95. */
    readonly intervals: Readonly<Record<'backbone' | 'pca' | 'head' | 'winner', Interval>>
  }
  /** All that were trained, the last one on all folds. */
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
    ...{ model, seed: recipe.seed, objective: recipe.objective.kind },
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
        ...{ backbone: test.backbone.interval, pca: test.pca.interval },
        ...{ head: test.head.interval, winner: test.chosen.interval },
      },
    },
    heads: [
      // Fold after fold, from the same starts.
      ...foldHeads.map((one, i) => {
        const earlier = foldHeads.slice(0, i).filter(({ start }) => start === one.start)
        return reportedHead(one, earlier.length + 1)
      }),
      reportedHead(head, null),
    ],
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
export function choiceText({ head, choice }: Pick<LearntEmbedding, 'head' | 'choice'>): string {
  const { best, lift, beatsBackbone, classes } = choice
  const found = `${winnerName(best)} ${liftText({ mapAtR: lift.value, interval: lift.interval })}`
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

/** For people. */
export function winnerName(of: {
  readonly kind: FeatureTransform['kind']
  readonly share?: number
}) {
  const { kind, share } = of
  return share === undefined ? kind : `backbone and head joined, ${share} of it the head`
}

export function liftText({ mapAtR, interval }: ReportedLift): string {
  const [low, high] = interval.map(signed)
  return `${signed(mapAtR)} (${low} to ${high})`
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`
}

function reportedHead(
  { start, steps, bestStep, curve }: StartedHead,
  fold: number | null,
): ReportedHead {
  return { start, fold, steps, bestStep, curve }
}

function reported({ value, interval }: Lift): ReportedLift {
  return { mapAtR: value, interval }
}
