import type { Imports } from '../../collection/import/imports.ts'
import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { Reembeddings } from '../../collection/reembed/reembeddings.ts'
import type { TrainingsUseCases } from '../../collection/trainings.ts'
import type { App, CallContext } from '../call.ts'
import { registerAddImages } from './add-images.ts'
import { registerAddVectors } from './add-vectors.ts'
import { registerCollections } from './collections.ts'
import { registerCreateCollection } from './create-collection.ts'
import { registerDeleteRecords } from './delete-records.ts'
import { registerDuplicates } from './duplicates.ts'
import { registerEmbed } from './embed.ts'
import { registerGenerations } from './generations.ts'
import { registerImports } from './import.ts'
import { registerJobs } from './jobs.ts'
import { registerModels } from './models.ts'
import { registerPutImage } from './put-image.ts'
import { registerRecord } from './record.ts'
import { registerReembed } from './reembed.ts'
import { registerScrollRecords } from './scroll-records.ts'
import { registerSearch } from './search.ts'
import { registerSearchIdentities } from './search-identities.ts'
import { registerStatistics } from './statistics.ts'
import { registerTraining } from './train.ts'

/** Registers all calls but those on jobs and health, in the order of the OpenAPI document. */
export function registerCalls(app: App, context: CallContext): void {
  registerCreateCollection(app, context)
  registerCollections(app, context)
  registerPutImage(app, context)
  registerAddImages(app, context)
  registerAddVectors(app, context)
  registerScrollRecords(app, context)
  registerRecord(app, context)
  registerDeleteRecords(app, context)
  registerSearch(app, context)
  registerStatistics(app, context)
  registerEmbed(app, context)
  registerModels(app, context)
  registerDuplicates(app, context)
  registerSearchIdentities(app, context)
}

export interface JobUseCases {
  readonly runner: JobRunner
  readonly imports: Imports
  readonly reembeddings: Reembeddings
  readonly trainings: TrainingsUseCases
}

/** Registers the calls on jobs, and those that start one. @param stopping aborts when the service stops. */
export function registerJobCalls(
  app: App,
  context: CallContext,
  { runner, imports, reembeddings, trainings }: JobUseCases,
  stopping: AbortSignal,
): void {
  registerJobs(app, runner, stopping)
  registerImports(app, context, imports)
  registerReembed(app, context, reembeddings)
  registerGenerations(app, reembeddings)
  registerTraining(app, context, trainings)
}
