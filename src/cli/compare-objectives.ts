import type { Config } from '../config/config.ts'
import { learnEmbedding } from '../learning/learn-embedding.ts'
import { checkRecipe, type TrainingRecipe } from '../learning/recipe.ts'
import type { TrainingContext } from '../training/context.ts'
import { loadTrainingData } from '../training/data/load-data.ts'
import type { RefusedFile } from '../training/data/refused-file.ts'
import type { TrainingSource } from '../training/data/source.ts'
import type { CheckpointFile } from '../training/run/checkpoint-file.ts'
import { withLearningEngine } from '../training/run/with-learning-engine.ts'
import { comparisonCheckpoint } from './comparison-checkpoint.ts'
import {
  type ComparisonReport,
  comparisonReport,
  type ReachedRun,
  reachedRun,
} from './comparison-report.ts'

interface CompareRequest {
  readonly source: TrainingSource
  /** Of all, but for the objective. */
  readonly recipe: TrainingRecipe
  readonly objectives: readonly TrainingRecipe['objective']['kind'][]
  /** How many, from the recipe's on. */
  readonly seeds: number
}

interface CompareContext extends TrainingContext {
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
  context: CompareContext,
): Promise<{ readonly report: ComparisonReport; readonly refused: readonly RefusedFile[] }> {
  const recipes = objectives.map((kind) => ({
    ...recipe,
    objective: kind === recipe.objective.kind ? recipe.objective : { kind },
  }))
  for (const each of recipes) checkRecipe(each)
  const data = await loadTrainingData(source, recipe, config, context)
  const { features, labels, parts, refused } = data
  const checkpoint = comparisonCheckpoint(config.dataFolder, recipes, data)
  const known = await doneBefore(checkpoint, context.onNote)
  const runs: ReachedRun[] = []
  for (let at = 0; at < seeds; at++) {
    const seed = recipe.seed + at
    for (const each of recipes) {
      const { kind } = each.objective
      const done = known.find((run) => run.objective === kind && run.seed === seed)
      if (done !== undefined) {
        runs.push(done)
        continue
      }
      const options = {
        ...each,
        seed,
        signal: context.signal,
        parts,
        resumeFrom: null,
        onProgress() {},
        async onCheckpoint() {},
      }
      const learnt = await withLearningEngine(config, (engine) =>
        learnEmbedding(features, labels, options, engine),
      )
      const run = reachedRun(kind, seed, learnt)
      runs.push(run)
      await checkpoint.write([...runs, ...known.filter((other) => !runs.includes(other))])
      context.onRun(runLine(run))
    }
  }
  await checkpoint.remove()
  return { report: comparisonReport(recipe, runs), refused }
}

async function doneBefore(
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
