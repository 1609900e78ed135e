import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { LocalImportFiles } from '../adapters/import-sources/local-import-files.ts'
import type { Collections } from '../collection/collections.ts'
import { ImportImages } from '../collection/import/import-images.ts'
import type { ImportInput } from '../collection/import/import-input.ts'
import { Imports } from '../collection/import/imports.ts'
import { isFinished, type Job } from '../collection/jobs/job.ts'
import { JobRunner } from '../collection/jobs/job-runner.ts'
import type { JobStore } from '../collection/jobs/job-store.ts'
import { ReembedImages } from '../collection/reembed/reembed-images.ts'
import { Reembeddings } from '../collection/reembed/reembeddings.ts'
import type { UrlFetcher } from '../collection/url-fetcher.ts'
import type { Config } from '../config/config.ts'
import type { ModelCatalogue } from '../embedding/model-catalogue.ts'
import type { Models } from '../embedding/models.ts'
import type { RecordStore } from '../engine/embedded/store/record-store.ts'
import type { ImageDecoder } from '../image/image-decoder.ts'
import type { RightOfWay } from '../scheduling/right-of-way.ts'
import { TrainingJob } from '../training/run/training-job.ts'
import { Trainings } from '../training/run/trainings.ts'

export interface JobParts {
  readonly runner: JobRunner
  readonly imports: Imports
  readonly reembeddings: Reembeddings
  readonly trainings: Trainings
  /** Takes up the jobs that an earlier process left (`JobRunner.open`). To be called once all collections are loaded. */
  open(options?: { readonly goOn: boolean }): Promise<void>
  close(): Promise<void>
}

interface Needed {
  readonly config: Config
  readonly store: RecordStore & { readonly jobs: JobStore }
  readonly collections: Collections
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly fetcher: UrlFetcher
  readonly decoder: ImageDecoder
  readonly rightOfWay: RightOfWay
  readonly onFailed: (job: Job, cause: unknown) => void
  readonly onBroken: (cause: Error) => void
}

export function createJobs(needed: Needed): JobParts {
  const { config, store, collections, models, catalogue, fetcher, decoder } = needed
  const { rightOfWay, onFailed, onBroken } = needed
  const files = new LocalImportFiles({
    root: config.importRoot,
    archives: join(config.dataFolder, 'archives'),
    maxImageBytes: config.maxBodyBytes,
    maxArchiveBytes: config.maxArchiveBytes,
  })
  const runner = new JobRunner({
    store: store.jobs,
    kinds: [
      new ImportImages({ collections, files, fetcher }),
      new ReembedImages({ collections, store, models, catalogue, files }),
      new TrainingJob({ config, collections, files, models, decoder, rightOfWay }),
    ],
    now: () => new Date(),
    newId: randomUUID,
    wait: (ms, signal) => wait(ms, undefined, { signal }),
    onFailed,
    onBroken,
  })
  return {
    runner,
    imports: new Imports({ collections, jobs: runner, files, fetcher }),
    reembeddings: new Reembeddings({ collections, store, models, catalogue, jobs: runner, files }),
    trainings: new Trainings({ config, collections, jobs: runner, files }),
    async open(options) {
      await files.dropOtherArchives(await archivesWaitedFor(store.jobs))
      await runner.open(options)
    },
    close: () => runner.close(),
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
