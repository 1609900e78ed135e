import type { EngineCollection } from '../../engine/engine.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import type { WalkCost } from '../neighbour-groups.ts'
import type { SearchParts } from '../query-vector.ts'
import type { CallOptions } from '../requests.ts'
import type { KnownCalibration } from './calibration.ts'
import type { Curation } from './curation.ts'
import type { IdentityMeasures } from './identity-measures.ts'
import { type SuggestionsAnswer, type SuggestionsRequest, suggestions } from './suggestions.ts'
import { type UnknownsAnswer, type UnknownsRequest, unknowns } from './unknowns.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly curation: Pick<Curation, 'differences'>
  readonly measures: Pick<IdentityMeasures, 'cluster'>
  readonly pinned: <T>(work: (parts: SearchParts) => Promise<T>) => Promise<T>
  readonly calibrationOf: (generation: PinnedGeneration) => Promise<KnownCalibration>
  readonly cost: WalkCost
}

/** Shows what people should look at: records to be named, and identities that may be wrong. */
export class Review {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Finds clusters of records that have no identity, to be named. @throws as `unknowns`. */
  unknowns(request: UnknownsRequest, { signal }: CallOptions = {}): Promise<UnknownsAnswer> {
    const { engine: records, measures, cost } = this.#parts
    return this.#pinned(async (generation, calibration) => {
      const parts = { records, generation, measures, calibration, cost }
      return await unknowns(request, parts, signal)
    })
  }

  /** Finds identities that are probably one, and records that are probably in the wrong one. @throws as `suggestions`. */
  suggestions(
    request: SuggestionsRequest,
    { signal }: CallOptions = {},
  ): Promise<SuggestionsAnswer> {
    const { engine, curation, cost } = this.#parts
    return this.#pinned(async (generation, calibration) => {
      const differences = await curation.differences()
      const parts = { engine, generation, calibration, differences, cost }
      return await suggestions(request, parts, signal)
    })
  }

  async #pinned<T>(
    work: (generation: PinnedGeneration, calibration: KnownCalibration) => Promise<T>,
  ): Promise<T> {
    const { pinned, calibrationOf } = this.#parts
    return await pinned(async ({ generation }) => work(generation, await calibrationOf(generation)))
  }
}
