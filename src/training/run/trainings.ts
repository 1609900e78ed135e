import type { LocalImportFiles } from '../../adapters/local-import-files.ts'
import { bundleFolder } from '../../adapters/models-folder/bundle-folder.ts'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import type { Collections } from '../../collection/collections.ts'
import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { TrainingOrder, TrainingsUseCases } from '../../collection/trainings.ts'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import { AppError, shown } from '../../errors.ts'
import { recipeFrom } from '../../learning/read-recipe.ts'
import {
  checkDimensions,
  checkOtherStart,
  checkRecipe,
  checkViews,
  NO_INNER_MAPS,
  recipeOf,
  type TrainingRecipe,
} from '../../learning/recipe.ts'
import type { TrainingConfig } from '../context.ts'
import { backboneOf } from '../data/collection-vectors.ts'
import { checkModelName } from './train-model.ts'

/** The request of a training, checked; stored with its job as JSON. */
export interface TrainingInput extends Omit<TrainingOrder, 'model' | 'recipe'> {
  /** The backbone. */
  readonly model: string
  readonly recipe: TrainingRecipe
}

interface Parts {
  readonly config: TrainingConfig
  readonly collections: Pick<Collections, 'get' | 'list'>
  readonly jobs: JobRunner
  readonly files: Pick<LocalImportFiles, 'place'>
}

/** Makes what checks requests for trainings and starts their jobs. */
export function createTrainings(parts: Parts): TrainingsUseCases {
  const { config, jobs, files } = parts
  return {
    async start({ name, replace, model: wanted, from, recipe: members }) {
      const recipe = checkedRecipe(members)
      const isCollection = from.kind === 'collection'
      if (isCollection) checkViews(recipe.views)
      checkOtherStart(recipe, isCollection ? NO_INNER_MAPS.vectors : NO_INNER_MAPS.service)
      const model = backboneFor(wanted, from, parts)
      checkDimensions(recipe.dimensions, await dimensionsOf(model, config), model)
      await checkName(name, replace, model, parts)
      if (from.kind !== 'collection') {
        await files.place(from.path, from.kind === 'csv' ? 'file' : 'folder')
      }
      const input: TrainingInput = { name, replace, model, from, recipe }
      const about = `the model ${name} from ${placeName(from)}`
      return await jobs.start({ kind: 'training', collection: null, about, input })
    },
  }
}

function backboneFor(
  wanted: string | null,
  from: TrainingOrder['from'],
  { config, collections }: Parts,
): string {
  if (from.kind !== 'collection') return wanted ?? config.model
  const { spec } = collections.get(from.collection)
  const model = backboneOf(spec)
  if (wanted === null || wanted === model) return model
  const only = `no other model than ${model}, whose vectors ${spec.name} holds`
  throw new AppError('INVALID_REQUEST', `/model: expected ${only}, got ${shown(wanted)}`)
}

async function dimensionsOf(model: string, config: TrainingConfig): Promise<number> {
  const unknown = (cause?: unknown) =>
    new AppError('MODEL_NOT_FOUND', `no model ${shown(model)}`, { cause })
  if (!MODEL_NAME.test(model)) throw unknown()
  try {
    return (await readDescription(bundleFolder(config, model))).output.dimensions
  } catch (cause) {
    // The caller may be anyone: the path stays in the log.
    throw cause instanceof AppError && cause.code === 'MODEL_NOT_FOUND' ? unknown(cause) : cause
  }
}

async function checkName(
  name: string,
  replace: boolean,
  model: string,
  { config, collections }: Parts,
): Promise<void> {
  if (!MODEL_NAME.test(name)) {
    const wanted =
      'a name of 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or digit'
    throw new AppError('INVALID_NAME', `expected ${wanted}, got ${shown(name)}`)
  }
  try {
    await checkModelName(name, replace, { ...config, model })
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code === 'INVALID_NAME') throw cause
    // The path stays in the log.
    throw cause.code === 'MODEL_EXISTS'
      ? new AppError('MODEL_EXISTS', `expected a free name, or to replace it, got ${name}`)
      : new AppError(cause.code, 'the models folder cannot be written', { cause })
  }
  if (!replace) return
  const user = (await collections.list()).find((collection) => collection.model === name)
  if (name !== config.model && user === undefined) return
  const by = user === undefined ? 'the default' : `of the collection ${user.name}`
  const wanted = 'a model that nobody uses, whose vectors are of no other'
  throw new AppError('MODEL_EXISTS', `expected ${wanted}, got ${name}, ${by}`)
}

/** @throws INVALID_REQUEST, TRAINING_INVALID. */
function checkedRecipe(members: Readonly<Record<string, unknown>>): TrainingRecipe {
  const { objective, ...others } = recipeFrom(members)
  if (objective === undefined) {
    const issue = { path: '/objective', message: 'expected this member, it is missing' }
    throw new AppError('INVALID_REQUEST', `${issue.path}: ${issue.message}`, { issues: [issue] })
  }
  const recipe = recipeOf(objective, others)
  checkRecipe(recipe)
  return recipe
}

function placeName(from: TrainingOrder['from']): string {
  return from.kind === 'collection'
    ? `${shown(from.field)} of the collection ${from.collection}`
    : `the ${from.kind === 'csv' ? 'file' : 'folder'} ${shown(from.path, 200)}`
}
