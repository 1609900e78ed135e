import type { Config } from '../../config/config.ts'
import { learnEmbedding } from '../../learning/learn-embedding.ts'
import { checkRecipe, type TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingContext } from '../../training/context.ts'
import { loadTrainingData } from '../../training/data/load-data.ts'
import type { RefusedFile } from '../../training/data/refused-file.ts'
import type { TrainingSource } from '../../training/data/source.ts'
import type { CheckpointFile } from '../../training/run/checkpoint-file.ts'
import { withLearningEngine } from '../../training/run/with-learning-engine.ts'
import { comparisonCheckpoint } from './comparison-checkpoint.ts'
import {
  type ComparisonReport,
  comparisonReport,
  type ReachedRun,
  reachedRun,
} from './comparison-report.ts'

interface CompareRequest {
  readonly source: TrainingSource
  /** The recipe of all, but for the objective. */
  readonly recipe: TrainingRecipe
  readonly objectives: readonly TrainingRecipe['objective']['kind'][]
  /** The number of seeds, from the recipe's on. */
  readonly seeds: number
}

/**
 * Trains by each objective under one protocol: the same splits, one a seed, and the same number of
 * steps. Writes no model.
 * @param onRun gets a line on each training that is done.
 * @throws as trainModel, but for what writing a model throws.
 */
export async function compareObjectives(
  { source, recipe, objectives, seeds }: CompareRequest,
  config: Config,
  context: TrainingContext,
  onRun: (line: string) => void,
): Promise<{ readonly report: ComparisonReport; readonly refused: readonly RefusedFile[] }> {
  const recipes = objectives.map((kind) => ({
    ...recipe,
    objective: kind === recipe.objective.kind ? recipe.objective : { kind },
  }))
  for (const each of recipes) checkRecipe(each)
  const data = await loadTrainingData(source, recipe, config, context)
  const { features, labels, parts, refused } = data
  const checkpoint = comparisonCheckpoint(config.dataFolder, recipes, data)
  const earlier = await earlierRuns(checkpoint, context.onNote)
  const runs: ReachedRun[] = []
  for (let seed = recipe.seed; seed < recipe.seed + seeds; seed++) {
    for (const each of recipes) {
      const { kind } = each.objective
      const known = earlier.find((run) => run.objective === kind && run.seed === seed)
      if (known !== undefined) {
        runs.push(known)
        continue
      }
      const options = {
        ...each,
        seed,
        parts,
        signal: context.signal,
        resumeFrom: null,
        onProgress() {},
        async onCheckpoint() {},
      }
      const learnt = await withLearningEngine(config, (engine) =>
        learnEmbedding(features, labels, options, engine),
      )
      const run = reachedRun(kind, seed, learnt)
      runs.push(run)
      await checkpoint.write([...runs, ...earlier.filter((other) => !runs.includes(other))])
      onRun(runLine(run))
    }
  }
  await checkpoint.remove()
  return { report: comparisonReport(recipe, runs), refused }
}

async function earlierRuns(
  checkpoint: CheckpointFile<readonly ReachedRun[]>,
  onNote: TrainingContext['onNote'],
): Promise<readonly ReachedRun[]> {
  const known = await checkpoint.read()
  await checkpoint.dropOthers(onNote)
  if (known === 'damaged') {
    onNote('the checkpoint of an earlier comparison is damaged; it starts from the beginning')
    return []
  }
  if (known === null) return []
  onNote(`going on where an earlier comparison stopped, after ${known.length} trainings`)
  return known
}

function runLine({ objective, seed, backbone, head, exported }: ReachedRun): string {
  const [before, after, chosen] = [backbone, head, exported.mapAtR].map((value) => value.toFixed(3))
  return (
    `${objective}, seed ${seed}: MAP@R ${before} of the backbone, ${after} of the head, ` +
    `${chosen} of what would be exported (${exported.kind}), ${exported.kept.toFixed(3)} x the backbone's`
  )
}
