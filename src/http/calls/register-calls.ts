import type { App, CallContext } from '../call.ts'
import { registerAddImages } from './add-images.ts'
import { registerAddVectors } from './add-vectors.ts'
import { registerCalibrate } from './calibrate.ts'
import { registerCollections } from './collections.ts'
import { registerContent } from './content.ts'
import { registerCount } from './count.ts'
import { registerCurateIdentities } from './curate-identities.ts'
import { registerDeleteRecords } from './delete-records.ts'
import { registerDuplicates } from './duplicates.ts'
import { registerEmbed } from './embed.ts'
import { registerEraseIdentity } from './erase-identity.ts'
import { registerEvaluate } from './evaluate.ts'
import { registerExamples } from './examples.ts'
import { registerFacets } from './facets.ts'
import { registerGenerations } from './generations.ts'
import { registerHubs } from './hubs.ts'
import { registerIdentify } from './identify.ts'
import { registerIdentities } from './identities.ts'
import { registerIdentityHistory } from './identity-history.ts'
import { registerImports } from './import.ts'
import { registerJobs } from './jobs.ts'
import { registerJoin } from './join.ts'
import { registerMap } from './map.ts'
import { registerModels } from './models.ts'
import { registerObserve } from './observe.ts'
import { registerPutImage } from './put-image.ts'
import { registerRecord } from './record.ts'
import { registerReembed } from './reembed.ts'
import { registerReverseSearch } from './reverse-search.ts'
import { registerScrollRecords } from './scroll-records.ts'
import { registerSearch } from './search.ts'
import { registerSearchIdentities } from './search-identities.ts'
import { registerSelect } from './select.ts'
import { registerStatistics } from './statistics.ts'
import { registerSuggestions } from './suggestions.ts'
import { registerTraining } from './train.ts'
import { registerUnknowns } from './unknowns.ts'
import { registerVerify } from './verify.ts'

/** Registers all calls but those on health, in the order of the OpenAPI document. */
export function registerCalls(app: App, context: CallContext): void {
  registerCollections(app, context)
  registerExamples(app, context)
  registerPutImage(app, context)
  registerAddImages(app, context)
  registerAddVectors(app, context)
  registerScrollRecords(app, context)
  registerRecord(app, context)
  registerContent(app, context)
  registerDeleteRecords(app, context)
  registerSearch(app, context)
  registerCount(app, context)
  registerFacets(app, context)
  registerSelect(app, context)
  registerMap(app, context)
  registerStatistics(app, context)
  registerEmbed(app, context)
  registerModels(app, context)
  registerDuplicates(app, context)
  registerSearchIdentities(app, context)
  registerIdentities(app, context)
  registerCurateIdentities(app, context)
  registerIdentityHistory(app, context)
  registerJoin(app, context)
  registerReverseSearch(app, context)
  registerHubs(app, context)
  registerIdentify(app, context)
  registerVerify(app, context)
  registerObserve(app, context)
  registerUnknowns(app, context)
  registerEraseIdentity(app, context)
  registerSuggestions(app, context)
  registerCalibrate(app, context)
  registerEvaluate(app, context)
  registerJobs(app, context)
  registerImports(app, context)
  registerReembed(app, context)
  registerGenerations(app, context)
  registerTraining(app, context)
}
