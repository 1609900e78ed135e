import type { ModelCatalogue, Models } from '../../embedding/models.ts'
import type { EngineCollection } from '../../engine/engine.ts'
import type { StoredGeneration } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import type { Collection } from '../collection.ts'
import type { Collections } from '../collections.ts'
import type { ImportFiles } from '../import/import-source.ts'
import { isFinished, type Job } from '../jobs/job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { headOf } from './model-head.ts'

/** The source of the new vectors. */
export type ReembedSource =
  | { readonly kind: 'originals' }
  /** The active vectors, which are those of the backbone of the new model. */
  | { readonly kind: 'vectors' }
  /** A folder below the import root, where the file of a record is named by its id. */
  | { readonly kind: 'folder'; readonly folder: string }

/** The input of a re-embedding, which is stored with its job as JSON. */
export interface ReembedInput {
  readonly model: string
  readonly from: ReembedSource
  /** Whether records that get no vector fail the job, or stay without one: then no search finds them. */
  readonly missing: 'fail' | 'keep'
}

const SOURCES = { originals: 'the kept originals', vectors: 'the vectors there are' }

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly jobs: JobRunner
  readonly files: ImportFiles
}

/** Starts re-embeddings, once they are checked as far as they can be, and looks after older generations. */
export class Reembeddings {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * @throws COLLECTION_NOT_FOUND, COLLECTION_WITHOUT_MODEL, MODEL_NOT_FOUND, IMPORT_OFF, IMPORT_FOLDER_REFUSED;
   * REEMBED_REFUSED for what cannot be or need not be done; what `JobRunner.start` throws.
   */
  async start(name: string, input: ReembedInput): Promise<Job> {
    const collection = this.#parts.collections.get(name)
    const { spec } = collection
    if (spec.model === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_MODEL',
        `collection ${name} has no model: expected one whose vectors were made of pictures`,
      )
    }
    this.#checkIdle(name)
    const { sha256 } = await this.#parts.models.load(input.model)
    if (await this.#isActive(collection, input.model, sha256)) {
      throw refused(`expected another model than ${shown(input.model)}: it made these vectors`)
    }
    await this.#checkSource(collection, input)
    const { model, from } = input
    const source =
      from.kind === 'folder' ? `the folder ${shown(from.folder, 200)}` : SOURCES[from.kind]
    const about = `model ${model} from ${source}`
    return await this.#parts.jobs.start({ kind: 'reembed', collection: name, about, input })
  }

  /**
   * Lists the generations in the order of their numbers; none of a collection that was never re-embedded. `inForce`
   * marks the active one.
   * @throws COLLECTION_NOT_FOUND.
   */
  async generations(name: string): Promise<readonly (StoredGeneration & { inForce: boolean })[]> {
    const { engine } = this.#parts.collections.get(name)
    const stored = await engine.generations()
    const active = engine.activeGeneration
    return stored.map((one) => ({ ...one, inForce: one.generation === active }))
  }

  /** @throws COLLECTION_NOT_FOUND, GENERATION_NOT_FOUND, GENERATION_IN_FORCE; REEMBED_REFUSED while a job may need it. */
  async drop(name: string, generation: number): Promise<void> {
    const { engine } = this.#parts.collections.get(name)
    this.#checkIdle(name)
    await engine.dropGeneration(generation)
  }

  async #checkSource({ spec, engine }: Collection, { model, from }: ReembedInput): Promise<void> {
    const { files, catalogue } = this.#parts
    if (from.kind === 'folder') {
      await files.checkFolder(from.folder)
    } else if (from.kind === 'vectors') {
      await headOf(model, spec.model!, catalogue)
      const known = await activeGeneration(engine)
      const { bundle } = await catalogue.read(spec.model!)
      if (known === undefined || known.modelSha256 === bundle.sha256) return
      const wanted = `vectors of the model ${shown(spec.model)} as it is now`
      throw refused(`expected ${wanted}, got those of an earlier one`)
    } else if (spec.keep !== 'original') {
      throw refused(
        `expected a collection that keeps originals, got one that keeps ${shown(spec.keep)}: name the folder of its pictures`,
      )
    }
  }

  #checkIdle(name: string): void {
    const busy = this.#parts.jobs
      .list()
      .find((job) => job.collection === name && job.kind === 'reembed' && !isFinished(job))
    if (busy === undefined) return
    throw refused(`expected no other re-embedding of ${name} under way, got the job ${busy.id}`)
  }

  /** Tells whether all vectors are the model's own already. */
  async #isActive(collection: Collection, model: string, sha256: string): Promise<boolean> {
    const { spec, engine } = collection
    if (spec.model !== model) return false
    const known = await activeGeneration(engine)
    if (known !== undefined && known.modelSha256 !== sha256) return false
    return (await engine.count(null)) === collection.count
  }
}

async function activeGeneration(engine: EngineCollection): Promise<StoredGeneration | undefined> {
  const stored = await engine.generations()
  return stored.find(({ generation }) => generation === engine.activeGeneration)
}

function refused(message: string): AppError {
  return new AppError('REEMBED_REFUSED', message)
}
