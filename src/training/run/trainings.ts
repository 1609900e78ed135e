import { join } from 'node:path'
import type { LocalImportFiles } from '../../adapters/local-import-files.ts'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import type { Collections } from '../../collection/collections.ts'
import type { Job } from '../../collection/jobs/job.ts'
import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { TrainingOrder, TrainingsUseCases } from '../../collection/trainings.ts'
import { MODEL_NAME } from '../../embedding/embedder.ts'
import { AppError, shown } from '../../errors.ts'
import { recipeFrom } from '../../learning/read-recipe.ts'
import {
  checkDimensions,
  checkRecipe,
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

/** Checks requests for trainings and starts their jobs. */
export class Trainings implements TrainingsUseCases {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start({
    name,
    replace,
    model: wanted,
    from,
    recipe: members,
  }: TrainingOrder): Promise<Job> {
    const { jobs, files } = this.#parts
    const recipe = checkedRecipe(members)
    const model = this.#backbone(wanted, from)
    checkDimensions(recipe.dimensions, await this.#dimensionsOf(model), model)
    await this.#checkName(name, replace, model)
    if (from.kind !== 'collection') {
      await files.place(from.path, from.kind === 'csv' ? 'file' : 'folder')
    }
    const input: TrainingInput = { name, replace, model, from, recipe }
    const about = `the model ${name} from ${placeName(from)}`
    return await jobs.start({ kind: 'training', collection: null, about, input })
  }

  #backbone(wanted: string | null, from: TrainingOrder['from']): string {
    if (from.kind !== 'collection') return wanted ?? this.#parts.config.model
    const { spec } = this.#parts.collections.get(from.collection)
    const model = backboneOf(spec)
    if (wanted === null || wanted === model) return model
    const only = `no other model than ${model}, whose vectors ${spec.name} holds`
    throw new AppError('INVALID_REQUEST', `/model: expected ${only}, got ${shown(wanted)}`)
  }

  async #dimensionsOf(model: string): Promise<number> {
    const unknown = (cause?: unknown) =>
      new AppError('MODEL_NOT_FOUND', `no model ${shown(model)}`, { cause })
    if (!MODEL_NAME.test(model)) throw unknown()
    try {
      const { output } = await readDescription(join(this.#parts.config.modelsFolder, model))
      return output.dimensions
    } catch (cause) {
      // The caller may be anyone: the path stays in the log.
      throw cause instanceof AppError && cause.code === 'MODEL_NOT_FOUND' ? unknown(cause) : cause
    }
  }

  async #checkName(name: string, replace: boolean, model: string): Promise<void> {
    if (!MODEL_NAME.test(name)) {
      throw new AppError(
        'INVALID_NAME',
        `expected a name of 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or digit, got ${shown(name)}`,
      )
    }
    const { config, collections } = this.#parts
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
    throw new AppError(
      'MODEL_EXISTS',
      `expected a model that nobody uses, whose vectors are of no other, got ${name}, ${by}`,
    )
  }
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
