import type { Config } from '../../config/config.ts'
import { sealed, unsealed } from '../../files/sealed-json.ts'
import { learnEmbedding } from '../../learning/learn-embedding.ts'
import { checkRecipe, type TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingContext } from '../../training/context.ts'
import { loadTrainingData, type TrainingData } from '../../training/data/load-data.ts'
import type { TrainingSource } from '../../training/data/source.ts'
import { CheckpointFile, type CheckpointFormat } from '../../training/run/checkpoint-file.ts'
import { withLearningEngine } from '../../training/run/with-learning-engine.ts'
import { comparisonReport, type ReachedRun, reachedRun } from './comparison-report.ts'

interface CompareRequest {
  readonly source: TrainingSource
  /** The recipe of all, but for the objective. */
  readonly recipe: TrainingRecipe
  readonly objectives: readonly TrainingRecipe['objective']['kind'][]
  /** The number of seeds, from the recipe's on. */
  readonly seeds: number
}

type Runs = readonly ReachedRun[]

/** Rises when what the file of a checkpoint holds changes, or what trainings reach. */
const FORM = 2

const FORMAT: CheckpointFormat<Runs> = {
  ending: '.comparison.json',
  encode: (runs) => [Buffer.from(sealed({ runs }))],
  decode: (bytes) => unsealed<{ runs: Runs }>(bytes.toString('utf8')).runs,
}

/**
 * Trains by each objective with the same splits, one a seed, and the same number of steps. No model is written.
 * @param onRun gets a line on each training that is done.
 * @throws as trainModel, but for what writing a model throws.
 */
export async function compareObjectives(
  { source, recipe, objectives, seeds }: CompareRequest,
  config: Config,
  context: TrainingContext,
  onRun: (line: string) => void,
) {
  const recipes = objectives.map((kind) => ({
    ...recipe,
    objective: kind === recipe.objective.kind ? recipe.objective : { kind },
  }))
  for (const each of recipes) checkRecipe(each)
  const data = await loadTrainingData(source, recipe, config, context)
  const { features, otherViews, inner, labels, parts, refused } = data
  const checkpoint = checkpointOf(config.dataFolder, recipes, data)
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
      const { signal } = context
      const unwatched = { resumeFrom: null, onProgress() {}, async onCheckpoint() {} }
      const options = { ...each, seed, parts, otherViews, inner, signal, ...unwatched }
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

/** Names the checkpoint by all that decides the runs but the seed: a comparison can also be resumed with more seeds. */
function checkpointOf(
  dataFolder: string,
  recipes: readonly TrainingRecipe[],
  { features, otherViews, inner, labels, parts }: TrainingData,
): CheckpointFile<Runs> {
  const seedless = recipes.map(({ seed: _, ...recipe }) => recipe)
  const work = [FORM, seedless, features.dimensions, labels, parts]
  const rows = [features, ...otherViews, ...(inner ? [inner.features, ...inner.otherViews] : [])]
  return new CheckpointFile(dataFolder, work, rows, FORMAT)
}

async function earlierRuns(
  checkpoint: CheckpointFile<Runs>,
  onNote: TrainingContext['onNote'],
): Promise<Runs> {
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
