import type { LocalImportFiles } from '../../adapters/local-import-files.ts'
import type { Collections } from '../../collection/collections.ts'
import type { JobKind, JobRun } from '../../collection/jobs/job-kind.ts'
import type { ImageEmbedder } from '../../embedding/image-embedder.ts'
import type { Models } from '../../embedding/models.ts'
import { AppError } from '../../errors.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import { collectionVectors } from '../data/collection-vectors.ts'
import { unitEmbedding } from '../data/embed-files.ts'
import type { TrainingSource } from '../data/source.ts'
import { JobReporter } from './job-reporter.ts'
import { trainInThread } from './train-in-thread.ts'
import type { TrainingInput } from './trainings.ts'

interface Parts {
  readonly config: TrainingConfig
  readonly collections: Pick<Collections, 'get'>
  readonly files: Pick<LocalImportFiles, 'place'>
  readonly models: Models
  readonly images: ImageEmbedder
}

/**
 * Trains models as jobs, one at a time, in a thread that gives way to searches; images are embedded
 * by the models and decoders of the service, where searches go first.
 */
export class TrainingJob implements JobKind {
  readonly name = 'training'
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(run: JobRun): Promise<void> {
    const { name, replace, model, from, recipe } = run.input as TrainingInput
    const { config, models, images } = this.#parts
    const reporter = new JobReporter(run)
    const context: TrainingContext = {
      ...reporter.context,
      signal: run.signal,
      embed: (bytes, signal) =>
        run.retry(async () => {
          const embed = unitEmbedding(images, await models.load(model))
          return await embed(bytes, signal)
        }),
    }
    const source = await this.#source(from, context)
    const request = { source, recipe, name, force: replace }
    const { report, refused } = await trainInThread(request, { ...config, model }, context, {
      givesWay: true,
    }).catch((error: unknown) => {
      // The text of an error is short: bad lines of a file are notes beside.
      const issues = error instanceof AppError ? error.issues : []
      for (const { path, message } of issues) context.onNote(`${path}: ${message}`)
      throw error
    })
    for (const { file, code, detail } of refused) run.refuse(file, new AppError(code, detail))
    await reporter.done(report)
  }

  /** Does nothing: a checkpoint stays for whoever requests the same again. */
  async discard(): Promise<void> {}

  async #source(from: TrainingInput['from'], context: TrainingContext): Promise<TrainingSource> {
    const { collections, files } = this.#parts
    if (from.kind === 'collection') {
      return await collectionVectors(collections.get(from.collection), from.field, context)
    }
    const { path, root } = await files.place(from.path, from.kind === 'csv' ? 'file' : 'folder')
    return { kind: from.kind, path, within: root }
  }
}
