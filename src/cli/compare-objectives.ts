import type { Config } from '../config/config.ts'
import { type LearningOptions, learnEmbedding } from '../learning/learn-embedding.ts'
import { checkRecipe, type TrainingRecipe } from '../learning/recipe.ts'
import { trainingData } from '../training/data/load-data.ts'
import type { RefusedFile } from '../training/data/refused-file.ts'
import type { TrainingSource } from '../training/data/source.ts'
import { dropOldStates, droppedLine } from '../training/run/checkpoint-file.ts'
import type { TrainSurroundings } from '../training/run/train-model.ts'
import { withLearningEngine } from '../training/run/with-learning-engine.ts'
import { ComparisonCheckpoint } from './comparison-checkpoint.ts'
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
  const data = await trainingData(source, recipe, config, around)
  const { features, labels, parts, refused } = data
  const checkpoint = new ComparisonCheckpoint(config.dataFolder, recipes, data)
  const known = await doneBefore(checkpoint, around.say)
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
      const options: LearningOptions = {
        ...{ ...each, seed, signal: around.signal, parts, resumeFrom: null },
        onProgress() {},
        async onCheckpoint() {},
      }
      const learnt = await withLearningEngine(config, (engine) =>
        learnEmbedding(features, labels, options, engine),
      )
      const run = reachedRun(kind, seed, learnt)
      runs.push(run)
      await checkpoint.write([...runs, ...known.filter((other) => !runs.includes(other))])
      around.onRun(runLine(run))
    }
  }
  await checkpoint.remove()
  return { report: comparisonReport(recipe, runs), refused }
}

async function doneBefore(
  checkpoint: ComparisonCheckpoint,
  say: (line: string) => void,
): Promise<readonly ReachedRun[]> {
  const known = await checkpoint.read()
  const dropped = droppedLine(await dropOldStates(checkpoint.file))
  if (dropped !== null) say(dropped)
  if (known === 'damaged') {
    say('the checkpoint of an earlier comparison is damaged; it starts from the beginning')
    return []
  }
  if (known.length > 0)
    say(`going on where an earlier comparison stopped, after ${known.length} trainings`)
  return known
}

function runLine({ objective, seed, backbone, head, exported }: ReachedRun): string {
  const [before, after, chosen] = [backbone, head, exported.mapAtR].map((value) => value.toFixed(3))
  return (
    `${objective}, seed ${seed}: MAP@R ${before} of the backbone, ${after} of the head, ` +
    `${chosen} of what would be exported (${exported.kind}), ${exported.kept.toFixed(3)} x the backbone's`
  )
}
