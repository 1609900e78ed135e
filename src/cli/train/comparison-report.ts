import { meanOfRuns } from '../../evaluation/intervals.ts'
import type { LearntEmbedding } from '../../learning/learn-embedding.ts'
import type { TrainingRecipe } from '../../learning/recipe.ts'
import { left, right, type Table, textTable } from '../../text-table.ts'
import type { ReportDocument } from '../report/report-document.ts'

/** The measures that one training reached on its test classes. */
export type ReachedRun = ReturnType<typeof reachedRun>
type ComparisonReport = ReturnType<typeof comparisonReport>

export function reachedRun(objective: string, seed: number, { test, chosen }: LearntEmbedding) {
  const backbone = test.backbone.measures.mapAtR
  const { mapAtR } = test.chosen.measures
  return {
    objective,
    seed,
    /** Recall@1 of the head. */
    recallAt1: test.head.measures.recallAt1,
    /** MAP@R of the backbone, and of the head. */
    backbone,
    head: test.head.measures.mapAtR,
    /** The transform that would be exported; `kept` is its MAP@R by the backbone's. */
    exported: { kind: chosen.kind, mapAtR, kept: mapAtR / backbone },
  }
}

/** Makes the form of `lookalike train --compare --json`: means over the seeds, with intervals of 95 %. */
export function comparisonReport(
  { steps, testShare }: Pick<TrainingRecipe, 'steps' | 'testShare'>,
  runs: readonly ReachedRun[],
) {
  const objectives = [...new Set(runs.map(({ objective }) => objective))]
  return {
    seeds: [...new Set(runs.map(({ seed }) => seed))],
    steps,
    testShare,
    objectives: objectives.map((objective) => {
      const own = runs.filter((run) => run.objective === objective)
      const over = (of: (run: ReachedRun) => number) => meanOfRuns(own.map(of))
      return {
        objective,
        /** Recall@1 and MAP@R of the head. */
        recallAt1: over(({ recallAt1 }) => recallAt1),
        mapAtR: over(({ head }) => head),
        /** MAP@R minus the backbone's, and by it. */
        lift: over(({ head, backbone }) => head - backbone),
        relativeLift: over(({ head, backbone }) => head / backbone - 1),
        /** MAP@R of what would be exported by the backbone's: the least over the seeds. */
        leastKept: Math.min(...own.map(({ exported }) => exported.kept)),
        runs: own.map(({ seed, backbone, head, exported }) => ({ seed, backbone, head, exported })),
      }
    }),
  }
}

export function comparisonText(report: ComparisonReport): string {
  return `${comparisonLine(report)}\n\n${textTable(tableOf(report))}`
}

export function comparisonDocument(report: ComparisonReport): ReportDocument {
  return {
    title: 'Objectives compared',
    facts: [comparisonLine(report)],
    table: tableOf(report),
    notes: [],
    charts: [],
    examples: null,
  }
}

function comparisonLine({ seeds, steps }: ComparisonReport): string {
  return `heads of at most ${steps} steps, means over the seeds ${seeds.join(', ')}`
}

function tableOf({ objectives }: ComparisonReport): Table {
  const lift = ['lift', '95 % interval', 'relative', '95 % interval']
  const titles = ['Recall@1', 'MAP@R', ...lift, 'worst exported']
  return {
    columns: [left(''), ...titles.map(right)],
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
