import { type MeanOfRuns, meanOfRuns } from '../evaluation/intervals.ts'
import type { FeatureTransform } from '../learning/feature-transform.ts'
import type { LearntEmbedding } from '../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../learning/recipe.ts'
import type { Table } from '../text-table.ts'

/** What `lookalike train --compare --json` prints. Measures are of the test classes. */
export interface ComparisonReport {
  readonly seeds: readonly number[]
  readonly steps: number
  readonly testShare: number
  /** In the order given. Intervals are of 95 %, over the seeds. */
  readonly objectives: readonly ComparedObjective[]
}

interface ComparedObjective {
  readonly objective: string
  /** Of the head. */
  readonly recallAt1: MeanOfRuns
  readonly mapAtR: MeanOfRuns
  /** MAP@R minus the backbone's, and by it. */
  readonly lift: MeanOfRuns
  readonly relativeLift: MeanOfRuns
  /** Of what would be exported, MAP@R by the backbone's: the least over the seeds. */
  readonly leastKept: number
  readonly runs: readonly ComparedRun[]
}

interface ComparedRun {
  readonly seed: number
  /** MAP@R. */
  readonly backbone: number
  readonly head: number
  /** What would be exported; `kept` is its MAP@R by the backbone's. */
  readonly exported: {
    readonly kind: FeatureTransform['kind']
    readonly mapAtR: number
    readonly kept: number
  }
}

/** What one training reached on its test classes. */
export interface ReachedRun extends ComparedRun {
  readonly objective: string
  /** Of the head. */
  readonly recallAt1: number
}

export function reachedRun(
  objective: string,
  seed: number,
  { test, chosen }: Pick<LearntEmbedding, 'test' | 'chosen'>,
): ReachedRun {
  const backbone = test.backbone.measures.mapAtR
  const { mapAtR } = test.chosen.measures
  const { recallAt1, mapAtR: head } = test.head.measures
  return {
    ...{ objective, seed, recallAt1, backbone, head },
    exported: { kind: chosen.kind, mapAtR, kept: mapAtR / backbone },
  }
}

export function comparisonReport(
  { steps, testShare }: Pick<TrainingRecipe, 'steps' | 'testShare'>,
  runs: readonly ReachedRun[],
): ComparisonReport {
  const objectives = [...new Set(runs.map(({ objective }) => objective))]
  return {
    seeds: [...new Set(runs.map(({ seed }) => seed))],
    ...{ steps, testShare },
    objectives: objectives.map((objective) => {
      const own = runs.filter((run) => run.objective === objective)
      const over = (of: (run: ReachedRun) => number) => meanOfRuns(own.map(of))
      return {
        objective,
        recallAt1: over(({ recallAt1 }) => recallAt1),
        mapAtR: over(({ head }) => head),
        lift: over(({ head, backbone }) => head - backbone),
        relativeLift: over(({ head, backbone }) => head / backbone - 1),
        leastKept: Math.min(...own.map(({ exported }) => exported.kept)),
        runs: own.map(({ seed, backbone, head, exported }) => ({ seed, backbone, head, exported })),
      }
    }),
  }
}

/** What the table holds, in a line. */
export function comparisonLine({ seeds, steps }: ComparisonReport): string {
  return `heads of at most ${steps} steps, means over the seeds ${seeds.join(', ')}`
}

const HEAD_COLUMNS = ['Recall@1', 'MAP@R', 'lift', '95 % interval', 'relative', '95 % interval']

export function comparisonTable({ objectives }: ComparisonReport): Table {
  return {
    columns: [
      { title: '', align: 'left' },
      ...[...HEAD_COLUMNS, 'worst exported'].map((title) => ({ title, align: 'right' as const })),
    ],
    rows: objectives.map(({ objective, recallAt1, mapAtR, lift, relativeLift, leastKept }) => [
      objective,
      ...[recallAt1, mapAtR, lift].map(({ mean }) => mean.toFixed(3)),
      lift.interval.map((bound) => bound.toFixed(3)).join(' to '),
      percent(relativeLift.mean),
      relativeLift.interval.map(percent).join(' to '),
      percent(leastKept - 1),
    ]),
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
