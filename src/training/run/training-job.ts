import type { LocalImportFiles } from '../../adapters/local-import-files.ts'
import type { Collections } from '../../collection/collections.ts'
import type { JobKind } from '../../collection/jobs/job-kind.ts'
import type { ImageEmbedder } from '../../embedding/image-embedder.ts'
import type { Models } from '../../embedding/models.ts'
import { AppError } from '../../errors.ts'
import type { TrainingConfig, TrainingContext } from '../context.ts'
import { collectionVectors } from '../data/collection-vectors.ts'
import { unitEmbedding } from '../data/embed-files.ts'
import type { TrainingSource } from '../data/source.ts'
import { jobReporter } from './job-reporter.ts'
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
export function trainingJob(parts: Parts): JobKind {
  const { config, models, images } = parts
  return {
    name: 'training',
    async run(run) {
      const { name, replace, model, from, recipe } = run.input as TrainingInput
      const { context: reports, done } = jobReporter(run)
      const context: TrainingContext = {
        ...reports,
        signal: run.signal,
        embed: (bytes, view, signal) =>
          run.retry(async () => {
            const embed = unitEmbedding(images, await models.load(model))
            return await embed(bytes, view, signal)
          }),
      }
      const source = await sourceOf(from, parts, context)
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
      await done(report)
    },
  }
}

async function sourceOf(
  from: TrainingInput['from'],
  { collections, files }: Parts,
  context: TrainingContext,
): Promise<TrainingSource> {
  if (from.kind === 'collection') {
    return await collectionVectors(collections.get(from.collection), from.field, context)
  }
  const { path, root } = await files.place(from.path, from.kind === 'csv' ? 'file' : 'folder')
  return { kind: from.kind, path, within: root }
}
