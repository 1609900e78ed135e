import { join } from 'node:path'
import type { LocalImportFiles } from '../../adapters/import-sources/local-import-files.ts'
import { readDescription } from '../../adapters/models-folder/read-bundle.ts'
import type { Job } from '../../collection/jobs/job.ts'
import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { CollectionsUseCases } from '../../collection/service.ts'
import type { TrainingOrder, TrainingsUseCases } from '../../collection/trainings.ts'
import { MODEL_NAME } from '../../embedding/model-name.ts'
import { AppError, shown } from '../../errors.ts'
import { recipeFrom } from '../../learning/read-recipe.ts'
import { checkRecipe, recipeOf, type TrainingRecipe } from '../../learning/recipe.ts'
import type { TrainingConfig } from '../context.ts'
import { checkModelName } from './train-model.ts'
import type { TrainingInput } from './training-input.ts'

interface Parts {
  readonly config: TrainingConfig
  readonly collections: Pick<CollectionsUseCases, 'get' | 'list'>
  readonly jobs: JobRunner
  readonly files: Pick<LocalImportFiles, 'folderPlace' | 'filePlace'>
}

/** Asks for trainings. */
export class Trainings implements TrainingsUseCases {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start({ name, replace, model: asked, from, recipe: members }: TrainingOrder): Promise<Job> {
    const recipe = checkedRecipe(members)
    const model = this.#backbone(asked, from)
    await this.#checkDimensions(model, recipe)
    await this.#checkName(name, replace, model)
    await this.#checkPlace(from)
    const input: TrainingInput = { name, replace, model, from, recipe }
    const about = `the model ${name} from ${placeName(from)}`
    return await this.#parts.jobs.start({ kind: 'training', collection: null, about, input })
  }

  #backbone(asked: string | null, from: TrainingOrder['from']): string {
    if (from.kind !== 'collection') return asked ?? this.#parts.config.model
    const { model, name } = this.#parts.collections.get(from.collection).spec
    if (model === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_MODEL',
        `expected a collection with a model, whose vectors are features of it, got ${name}`,
      )
    }
    if (asked === null || asked === model) return model
    const wanted = `no other model than ${model}, whose vectors ${name} holds`
    throw new AppError('INVALID_REQUEST', `/model: expected ${wanted}, got ${shown(asked)}`)
  }

  async #checkDimensions(model: string, { dimensions }: TrainingRecipe): Promise<void> {
    const { output } = await this.#description(model)
    if (dimensions <= output.dimensions) return
    throw new AppError(
      'TRAINING_INVALID',
      `expected at most the ${output.dimensions} dimensions of ${model}, got ${dimensions}`,
    )
  }

  async #description(model: string) {
    const unknown = (cause?: unknown) =>
      new AppError('MODEL_NOT_FOUND', `no model ${shown(model)}`, { cause })
    if (!MODEL_NAME.test(model)) throw unknown()
    try {
      return await readDescription(join(this.#parts.config.modelsFolder, model))
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
    const users = (await collections.list()).filter((collection) => collection.model === name)
    if (name !== config.model && users.length === 0) return
    const by = users.length === 0 ? 'the default' : `of the collection ${users[0]!.name}`
    throw new AppError(
      'MODEL_EXISTS',
      `expected a model that nobody uses, whose vectors are of no other, got ${name}, ${by}`,
    )
  }

  async #checkPlace(from: TrainingOrder['from']): Promise<void> {
    if (from.kind === 'folder') await this.#parts.files.folderPlace(from.path)
    if (from.kind === 'csv') await this.#parts.files.filePlace(from.path)
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
