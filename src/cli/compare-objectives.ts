import type { Config } from '../config.ts'
import { type LearntEmbedding, learnEmbedding } from '../learning/learn-embedding.ts'
import { checkRecipe, type TrainingRecipe } from '../learning/training-recipe.ts'
import type { RefusedFile } from '../training/refused-file.ts'
import { openTrainer, type TrainSurroundings } from '../training/train-model.ts'
import { trainingData } from '../training/training-data.ts'
import type { TrainingSource } from '../training/training-source.ts'
import { type ComparisonReport, comparedRun, comparisonReport } from './comparison-report.ts'

interface CompareRequest {
  readonly source: TrainingSource
  /** Of all, but for the objective. */
  readonly recipe: TrainingRecipe
  readonly objectives: readonly TrainingRecipe['objective']['kind'][]
  /** How many, from the recipe's on. */
  readonly seeds: number
}

interface CompareSurroundings extends TrainSurroundings {
  /** A run is done: what it reached. */
  readonly onRun: (line: string) => void
}

/**
 * Trains by each objective under one protocol: the same splits, one a seed, and the same number of
 * steps. Writes no model.
 * @throws as trainFolder, but for what writing a model throws.
 */
export async function compareObjectives(
  { source, recipe, objectives, seeds }: CompareRequest,
  config: Config,
  around: CompareSurroundings,
): Promise<{ readonly report: ComparisonReport; readonly refused: readonly RefusedFile[] }> {
  const recipes = objectives.map((kind) => ({
    ...recipe,
    objective: kind === recipe.objective.kind ? recipe.objective : { kind },
  }))
  for (const each of recipes) checkRecipe(each)
  const { features, labels, parts, refused } = await trainingData(source, recipe, config, around)
  const runs: { objective: string; seed: number; learnt: LearntEmbedding }[] = []
  for (let at = 0; at < seeds; at++) {
    const seed = recipe.seed + at
    for (const each of recipes) {
      const learnt = await learnEmbedding(
        features,
        labels,
        {
          ...{ ...each, seed, signal: around.signal, parts, from: null },
          onProgress() {},
          async onCheckpoint() {},
        },
        openTrainer(config),
      )
      const objective = each.objective.kind
      runs.push({ objective, seed, learnt })
      const { backbone, head, exported } = comparedRun({ seed, learnt })
      const numbers = [backbone, head, exported.mapAtR].map((value) => value.toFixed(3))
      around.onRun(
        `${objective}, seed ${seed}: MAP@R ${numbers[0]} of the backbone, ${numbers[1]} of the head, ` +
          `${numbers[2]} of what would be exported (${exported.kind}), ${exported.kept.toFixed(3)} x the backbone's`,
      )
    }
  }
  return { report: comparisonReport(recipe, runs), refused }
}
