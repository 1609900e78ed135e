import type { EngineCapabilities, EngineCollection } from '../../engine/engine.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { checkAbility } from '../capabilities.ts'
import type { WalkCost } from '../neighbour-groups.ts'
import type { SearchParts } from '../query-vector.ts'
import type { RecordWriter } from '../record-writer.ts'
import type { CallOptions } from '../requests.ts'
import {
  type IdentitySearchAnswer,
  type IdentitySearchRequest,
  searchIdentities,
} from '../search-identities.ts'
import {
  CALIBRATION_DOCUMENT,
  type Calibration,
  judged,
  type KnownCalibration,
} from './calibration.ts'
import { Curation } from './curation.ts'
import { type ErasureReceipt, eraseIdentity, type PictureFeatures } from './erase-identity.ts'
import { type IdentifyAnswer, type IdentifyRequest, identify } from './identify.ts'
import type { IdentityMeasures } from './identity-measures.ts'
import {
  decideObservation,
  type ObserveAnswer,
  type ObserveRequest,
  observedIds,
  observedMetadata,
} from './observe.ts'
import { Review } from './review.ts'
import { identityFieldOf } from './subject-views.ts'
import { type VerifyAnswer, type VerifyRequest, verify } from './verify.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
  readonly features: PictureFeatures
  readonly now: () => Date
  readonly measures: Pick<IdentityMeasures, 'cluster'>
  readonly writer: RecordWriter
  /** Runs work on the active generation, which stays searchable until the work is done. */
  readonly pinned: <T>(work: (parts: SearchParts) => Promise<T>) => Promise<T>
  readonly cost: WalkCost
}

/** The use cases of the identities of one collection: who somebody is, and what people say of that. */
export class CollectionIdentities {
  /** Changes identities by hand. */
  readonly curation: Curation
  /** Shows what people should look at. */
  readonly review: Review
  readonly #parts: Parts
  /** As it is kept; null before it is first wanted. */
  #calibration: Promise<Calibration | null> | null = null

  constructor(parts: Parts) {
    const { engine, writer } = parts
    this.curation = new Curation({ engine, alone: (work) => writer.betweenDecisions(work) })
    this.review = new Review({
      ...parts,
      curation: this.curation,
      calibrationOf: (generation) => this.#calibrationOf(generation),
    })
    this.#parts = parts
  }

  /**
   * Finds the identities whose records, as a set, are nearest to those searched by.
   * @throws COLLECTION_WITHOUT_IDENTITIES, IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE.
   */
  async search(
    request: IdentitySearchRequest,
    { signal }: CallOptions = {},
  ): Promise<IdentitySearchAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    return await this.#parts.pinned((parts) => searchIdentities(request, parts, signal))
  }

  /** Says who a subject is, or that it is nobody who is stored. @throws as `identify`. */
  async identify(request: IdentifyRequest, { signal }: CallOptions = {}): Promise<IdentifyAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    return await this.#parts.pinned(async (parts) =>
      identify(request, parts, await this.#calibrationOf(parts.generation), signal),
    )
  }

  /** Says whether two subjects are the same. @throws as `verify`. */
  async verify(request: VerifyRequest, { signal }: CallOptions = {}): Promise<VerifyAnswer> {
    return await this.#parts.pinned(async (parts) =>
      verify(request, parts, await this.#calibrationOf(parts.generation), signal),
    )
  }

  /**
   * Finds the identity of what was seen, or makes one, and stores it, in one step: two observations of the same newcomer make
   * one identity. @throws as `decideObservation`, and as adding images does.
   */
  async observe(request: ObserveRequest, { signal }: CallOptions = {}): Promise<ObserveAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    const metadata = observedMetadata(request, this.#parts.engine.spec)
    const ids = observedIds(request)
    const inputs = request.views.map(({ kind: _, ...view }, i) => ({
      id: ids[i]!,
      ...view,
      metadata,
    }))
    const field = identityFieldOf(this.#parts.engine.spec)
    const { answer } = await this.#parts.writer.addDecided(
      inputs,
      async (records) => {
        const answer = await this.#parts.pinned(async (parts) => {
          const calibration = await this.#calibrationOf(parts.generation)
          const differences = await this.curation.differences()
          const { identities } = this.#parts.engine
          const known = { identities, calibration, differences }
          return await decideObservation(records, request, parts, known)
        })
        // What was stored before may have been edited since.
        const write = answer.by === 'repeat' ? 'missing' : 'all'
        return { answer, metadata: parseMetadata({ ...metadata, [field]: answer.identity }), write }
      },
      signal,
    )
    return answer
  }

  /** Removes everything of an identity, and says what that was. @throws as `eraseIdentity`. */
  async erase(identity: IdentityValue, { signal }: CallOptions = {}): Promise<ErasureReceipt> {
    try {
      const { writer, ...parts } = this.#parts
      const alone = <T>(work: () => Promise<T>) => writer.betweenDecisions(work)
      return await eraseIdentity(identity, { ...parts, alone }, signal)
    } finally {
      this.curation.reread()
    }
  }

  /** Gives what labelled records said about the distances, and whether that holds for the active vectors. */
  async calibration(): Promise<KnownCalibration> {
    return await this.#parts.pinned(({ generation }) => this.#calibrationOf(generation))
  }

  async keepCalibration(calibration: Calibration): Promise<void> {
    await this.#parts.engine.keepDocument(CALIBRATION_DOCUMENT, calibration)
    this.#calibration = Promise.resolve(calibration)
  }

  async #calibrationOf(generation: PinnedGeneration): Promise<KnownCalibration> {
    this.#calibration ??= this.#parts.engine
      .document(CALIBRATION_DOCUMENT)
      .then((document) => document as Calibration | null)
    try {
      return judged(await this.#calibration, generation)
    } catch (error) {
      this.#calibration = null
      throw error
    }
  }
}
