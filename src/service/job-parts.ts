import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLayouts } from '../adapters/layouts/layouts.ts'
import { LocalImportFiles } from '../adapters/local-import-files.ts'
import { createMeasures } from '../adapters/measures/measures.ts'
import { shippedExamples } from '../adapters/shipped-examples.ts'
import type { CollectionModels } from '../collection/collection-models.ts'
import type { Collections } from '../collection/collections.ts'
import { Calibrations, calibrateCollection } from '../collection/identities/calibrations.ts'
import { Evaluations, evaluateCollection } from '../collection/identities/evaluations.ts'
import { Examples } from '../collection/import/examples.ts'
import { importImages } from '../collection/import/import-images.ts'
import type { ImportInput } from '../collection/import/import-source.ts'
import { Imports } from '../collection/import/imports.ts'
import { isFinished, type Job } from '../collection/jobs/job.ts'
import { JobRunner } from '../collection/jobs/job-runner.ts'
import { layOutCollection, Maps } from '../collection/maps/maps.ts'
import { reembedImages } from '../collection/reembed/reembed-images.ts'
import { Reembeddings } from '../collection/reembed/reembeddings.ts'
import type { UrlFetcher } from '../collection/url-fetcher.ts'
import type { Config } from '../config/config.ts'
import type { ImageEmbedder } from '../embedding/image-embedder.ts'
import type { ModelCatalogue, Models } from '../embedding/models.ts'
import type { JobStore } from '../engine/job-store.ts'
import { trainingJob } from '../training/run/training-job.ts'
import { createTrainings } from '../training/run/trainings.ts'

export type JobParts = ReturnType<typeof createJobs>

interface Needed {
  readonly config: Config
  readonly store: JobStore
  readonly collections: Collections
  readonly embeddings: CollectionModels
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly fetcher: UrlFetcher
  readonly images: ImageEmbedder
  readonly onFailed: (job: Job, cause: unknown) => void
  readonly onBroken: (cause: Error) => void
}

/** Joins what runs jobs with what starts them. */
export function createJobs(needed: Needed) {
  const { config, store, collections, embeddings, models, catalogue, images, fetcher } = needed
  const files = new LocalImportFiles({
    root: config.importRoot,
    archives: join(config.dataFolder, 'archives'),
    maxImageBytes: config.maxBodyBytes,
    maxArchiveBytes: config.maxArchiveBytes,
  })
  const layouts = createLayouts()
  const examples = shippedExamples()
  const measures = createMeasures('the thread that measures identities')
  const now = () => new Date()
  const runner = new JobRunner({
    store,
    kinds: [
      importImages(collections, { files, fetcher, examples }),
      reembedImages({ collections, embeddings, models, catalogue, files }),
      calibrateCollection({ collections, measures, now }),
      evaluateCollection({ collections, measures }),
      layOutCollection({ collections, layouts, now }),
      trainingJob({ config, collections, files, models, images }),
    ],
    now,
    newId: randomUUID,
    wait: (ms, signal) => wait(ms, undefined, { signal }),
    onFailed: needed.onFailed,
    onBroken: needed.onBroken,
  })
  return {
    runner,
    imports: new Imports({ collections, jobs: runner, files, fetcher }),
    examples: new Examples({ collections, jobs: runner, pictures: examples }),
    reembeddings: new Reembeddings({ collections, models, catalogue, jobs: runner, files }),
    evaluations: new Evaluations({ collections, jobs: runner }),
    calibrations: new Calibrations({ collections, jobs: runner }),
    maps: new Maps({ collections, jobs: runner }),
    trainings: createTrainings({ config, collections, jobs: runner, files }),
    /** Resumes the jobs that an earlier process left; to be called once all collections are loaded. */
    async open(options?: { readonly resume: boolean }) {
      await files.dropOtherArchives(await archivesWaitedFor(store))
      await runner.open(options)
    },
    async close() {
      await runner.close()
      await measures.close()
      await layouts.close()
    },
  }
}

async function archivesWaitedFor(store: JobStore): Promise<readonly string[]> {
  const names: string[] = []
  for (const job of await store.jobs()) {
    if (isFinished(job) || job.kind !== 'import') continue
    const input = (await store.input(job.id)) as ImportInput
    if (input.kind === 'archive') names.push(input.archive)
  }
  return names
}
