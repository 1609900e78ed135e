import { availableParallelism } from 'node:os'
import { createMeasures } from '../adapters/measures/measures.ts'
import { bundleCatalogue } from '../adapters/models-folder/bundle-catalogue.ts'
import { createReranking } from '../adapters/reranking/reranking.ts'
import { createSharpImageDecoder } from '../adapters/sharp-image-decoder.ts'
import { guardedUrlFetcher } from '../adapters/url-fetch/guarded-url-fetcher.ts'
import { CollectionModels } from '../collection/collection-models.ts'
import { Collections } from '../collection/collections.ts'
import { Embeddings } from '../collection/embeddings.ts'
import type { Job } from '../collection/jobs/job.ts'
import { fetchNothing } from '../collection/url-fetcher.ts'
import type { Config } from '../config/config.ts'
import { ImageEmbedder } from '../embedding/image-embedder.ts'
import {
  type EmbeddedEngineOptions,
  openEmbeddedEngine,
} from '../engine/embedded/open-embedded-engine.ts'
import { ImageScheduler } from '../scheduling/image-scheduler.ts'
import { keptFeatures } from '../training/data/kept-features.ts'
import { gaugesOf } from './gauges.ts'
import { createJobs } from './job-parts.ts'
import { type ModelEvents, openModels } from './open-models.ts'

/** The parts of the service, joined, on one data folder that nobody else may open meanwhile. */
export type Service = Awaited<ReturnType<typeof startService>>

/** Notified of what happens in the background, for the log. */
interface ServiceEvents
  extends ModelEvents,
    Required<Pick<EmbeddedEngineOptions, 'onGraphFile' | 'onTreeFile' | 'onDisk'>> {
  jobFailed(job: Job, cause: unknown): void
}

const clock = () => performance.now()

const NO_EVENTS: ServiceEvents = {
  jobFailed() {},
  onGraphFile() {},
  onTreeFile() {},
  onDisk() {},
  modelReplaced() {},
  modelNotReplaced() {},
}

/** Opens the data folder and starts to load it. @throws DATA_FOLDER_LOCKED, DATA_FOLDER_UNUSABLE, PROCESSOR_UNSUPPORTED */
export async function startService(config: Config, reported: Partial<ServiceEvents> = {}) {
  const events = { ...NO_EVENTS, ...reported }
  const opened: (() => Promise<void> | void)[] = []
  async function close(): Promise<void> {
    while (opened.length > 0) await opened.pop()!()
  }
  try {
    let fail: (error: Error) => void = () => undefined
    const broken = new Promise<never>((_, reject) => {
      fail = reject
    })
    // Whoever awaits it gets the failure; nobody has to.
    broken.catch(() => undefined)
    const engine = await openEmbeddedEngine({
      folder: config.dataFolder,
      graphFrom: config.graphFrom || Number.POSITIVE_INFINITY,
      maxCollections: config.maxCollections,
      onGraphFile: events.onGraphFile,
      onTreeFile: events.onTreeFile,
      onDisk: events.onDisk,
      onFailure: fail,
    })
    opened.push(() => engine.close())
    const { registry: models, close: closeModels } = openModels(config, events)
    opened.push(closeModels)
    const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
    opened.push(() => decoder.close())
    const catalogue = bundleCatalogue(config)
    const scheduler = new ImageScheduler({ clock, processors: availableParallelism() })
    const images = new ImageEmbedder({ decoder, scheduler, clock })
    const collectionModels = new CollectionModels(models, images)
    const limits = {
      deadlineMs: config.deadlineSeconds * 1000,
      statisticsRecords: config.statisticsRecords,
      neighbourhoods: config.maxNeighbourhoods,
    }
    const measures = createMeasures('the thread that clusters records')
    opened.push(() => measures.close())
    const reranking = createReranking()
    opened.push(() => reranking.close())
    const parts = {
      engine,
      models,
      embeddings: collectionModels,
      reranking,
      features: keptFeatures(config.dataFolder),
      clock,
      measures,
      now: () => new Date(),
      limits,
    }
    const collections = new Collections(parts)
    const embeddings = new Embeddings({ models, catalogue, images })
    const urlFetcher =
      config.urlFetch === 'off'
        ? fetchNothing
        : guardedUrlFetcher({ maxBytes: config.maxBodyBytes })
    const jobs = createJobs({
      config,
      store: engine.jobs,
      collections,
      embeddings: collectionModels,
      models,
      catalogue,
      images,
      fetcher: urlFetcher,
      onFailed: events.jobFailed,
      onBroken: fail,
    })
    opened.push(() => jobs.close())
    return {
      collections,
      models,
      embeddings,
      urlFetcher,
      /** Whoever serves opens them. */
      jobs,
      /** Resolves when every collection is loaded; until then calls on one may be NOT_READY. */
      loaded: engine.loaded,
      /** Rejects when the service can answer no more and should be started again; else never settles. */
      broken,
      isWritable: () => engine.status.writable,
      gauges: gaugesOf(engine, scheduler),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens a data folder and loads it, for work too short to make graphs for. @throws as startService. */
export async function openService(config: Config): Promise<Service> {
  const service = await startService({ ...config, graphFrom: 0 })
  try {
    await service.loaded
    return service
  } catch (error) {
    await service.close()
    throw error
  }
}
