import { createHash, randomUUID } from 'node:crypto'
import { fieldPath } from '../../engine/field-path.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { IdentityStore } from '../../engine/identity-store.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import { type Metadata, parseMetadata } from '../../engine/metadata.ts'
import type { IdentityDistance } from '../../engine/query.ts'
import type { NewRecord, StoredRecord } from '../../engine/record.ts'
import { AppError, shown } from '../../errors.ts'
import { checkNotHeld } from '../enrolment.ts'
import type { SearchParts } from '../query-vector.ts'
import type { KnownCalibration } from './calibration.ts'
import { type Candidate, findCandidates } from './candidates.ts'
import { type Decision, decide, type Thresholds } from './decision.ts'
import type { Differences } from './differences.ts'
import { identityFieldOf } from './subject-views.ts'
import { chooseThresholds } from './thresholds.ts'

/** A picture, or a vector, that was seen. */
export type ObservedView<Image = Uint8Array> =
  | { readonly kind: 'image'; readonly bytes: Image }
  | { readonly kind: 'vector'; readonly vector: ArrayLike<number> }

export interface ObserveRequest<Image = Uint8Array> {
  /** Views of one subject, seen together; each becomes a record. */
  readonly views: readonly ObservedView<Image>[]
  /** Of every record; without the identity, which is found. */
  readonly metadata: Metadata
  /** Is kept as the camera of the records. */
  readonly camera?: IdentityValue
  /** Names a track within its camera: what belongs to one track is one identity, however it looks. Is kept as `track`. */
  readonly track?: string
  /** The same observation is stored once, however often it is sent with the same key. */
  readonly idempotencyKey?: string
  readonly distance?: IdentityDistance
  readonly thresholds?: Thresholds
}

export interface ObserveAnswer {
  readonly identity: IdentityValue
  /** Whether this observation made the identity. */
  readonly created: boolean
  /** `known`: the identity was found. `doubtful` and `unknown`: it was made, and in doubt may be one of the candidates. */
  readonly decision: Exclude<Decision, 'undecided'>
  /** What decided: the distance, its track, or that it was stored before. */
  readonly by: 'distance' | 'track' | 'repeat'
  /** Ids of its records, in the order of the views. */
  readonly records: readonly string[]
  readonly candidates: readonly Candidate[]
}

/** What is known of a collection beside its records. */
interface Known {
  readonly identities: Pick<IdentityStore, 'find'>
  readonly calibration: KnownCalibration
  readonly differences: Differences
}

/** The member of the metadata that names a track. */
const TRACK = 'track'
const CANDIDATES = 5
/** Of those that the identity of a track is said to differ from, how many are looked for in it. */
const MAX_OTHERS = 1000

/** Gives the ids of the records of an observation: those of a key are always the same. */
export function observedIds({ views, idempotencyKey }: ObserveRequest): string[] {
  const name =
    idempotencyKey === undefined
      ? randomUUID()
      : createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)
  return views.map((_, i) => `observed-${name}-${i}`)
}

/**
 * Finds the identity of records that are about to be stored, or makes one, which is named for its first record: with something
 * more where the name is taken, as by others when the records of a key have ended. To be called
 * while no other observation is between this call and its writes.
 *
 * @throws COLLECTION_WITHOUT_IDENTITIES; INVALID_REQUEST without thresholds, or for metadata that names an identity.
 */
export async function decideObservation(
  records: readonly NewRecord[],
  request: ObserveRequest,
  parts: SearchParts,
  { identities, calibration, differences }: Known,
): Promise<ObserveAnswer> {
  const { spec } = parts.generation
  const path = fieldPath(identityFieldOf(spec))
  const ids = records.map(({ id }) => id)
  const first = ids[0]!
  const identityOf = (record: StoredRecord | null | undefined) =>
    record ? identityAt(record.metadata, path) : null
  const chosen = chooseThresholds(request, calibration)
  if (chosen.thresholds === null) {
    throw new AppError(
      'INVALID_REQUEST',
      `/thresholds: expected them, or a calibration of ${spec.name}, got neither: without them nobody is known`,
    )
  }
  const before = identityOf(await parts.records.get(first, { vector: false }))
  if (before !== null) {
    const created = before === first || String(before).startsWith(`${first}-`)
    const decision = created ? 'unknown' : 'known'
    return { identity: before, created, decision, by: 'repeat', records: ids, candidates: [] }
  }
  const tracked = await ofTrack(request, parts, differences)
  if (tracked !== null) {
    const known = { created: false, decision: 'known', by: 'track' } as const
    return { identity: tracked, ...known, records: ids, candidates: [] }
  }
  const views = { vectors: records.map(({ vector }) => vector), ids: [], decodeMs: 0, embedMs: 0 }
  const { distance, thresholds } = chosen
  const wanted = { views, distance, k: CANDIDATES, filter: null, cameras: [], except: null }
  const { candidates } = await findCandidates(wanted, parts)
  const near = decide(candidates[0]?.distance ?? null, thresholds)
  const decision =
    near === 'known' && areTwo(candidates, thresholds, differences) ? 'doubtful' : near
  if (decision === 'known') {
    const { identity } = candidates[0]!
    return { identity, created: false, decision, by: 'distance', records: ids, candidates }
  }
  const unknown = decision === 'doubtful' ? decision : 'unknown'
  // Without a key the name is drawn, and so is new.
  const isTaken = request.idempotencyKey !== undefined && (await identities.find(first)) !== null
  const identity = isTaken ? `${first}-${randomUUID()}` : first
  const created = { identity, created: true, decision: unknown } as const
  return { ...created, by: 'distance', records: ids, candidates }
}

/** Whether a view is nearer to somebody known who is said not to be the first candidate. */
function areTwo(
  candidates: readonly Candidate[],
  { known }: Thresholds,
  differences: Differences,
): boolean {
  const [first, ...others] = candidates
  return others.some(({ identity, distance, best }) => {
    if (distance > known || !differences.has(first!.identity, identity)) return false
    return best.some(({ view, distance: near }) => {
      const own = first!.best.find((match) => match.view === view)
      return own === undefined || near < own.distance
    })
  })
}

/** Finds the identity of the same track and camera; null also where the track has some of another, said to differ. */
async function ofTrack(
  { track, camera }: ObserveRequest,
  { generation, records }: SearchParts,
  differences: Differences,
): Promise<IdentityValue | null> {
  if (track === undefined) return null
  const { cameraField, identityField } = generation.spec
  const own = camera !== undefined && cameraField !== null ? { [cameraField]: camera } : {}
  const path = fieldPath(identityField!)
  const firstOf = async (identity: object) => {
    const filter = parseFilter({ [TRACK]: track, [identityField!]: identity, ...own })
    const page = { after: null, limit: 1, filter, vectors: false, searchable: false }
    const [found] = await records.scroll(page)
    return found === undefined ? null : identityAt(found.metadata, path)
  }
  const found = await firstOf({ $exists: true })
  const others = found === null ? [] : differences.of(found)
  if (others.length === 0) return found
  return (await firstOf({ $in: others.slice(0, MAX_OTHERS) })) === null ? found : null
}

/** Gives the metadata of the records but for their identity. @throws INVALID_REQUEST, INVALID_METADATA. */
export function observedMetadata(
  { metadata, camera, track }: ObserveRequest,
  spec: SearchParts['generation']['spec'],
): Metadata {
  const field = identityFieldOf(spec)
  checkNotHeld(metadata, spec)
  const named = identityAt(metadata, fieldPath(field))
  if (named !== null) {
    throw new AppError(
      'INVALID_REQUEST',
      `/metadata: expected no ${shown(field)}, which is found, got ${shown(named)}`,
    )
  }
  if (camera !== undefined && spec.cameraField === null) {
    throw new AppError(
      'INVALID_REQUEST',
      `/camera: expected a collection with a cameraField, got ${spec.name}, which has none`,
    )
  }
  return parseMetadata({
    ...metadata,
    ...(camera !== undefined && { [spec.cameraField!]: camera }),
    ...(track !== undefined && { [TRACK]: track }),
  })
}
