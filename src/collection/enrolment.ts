import type { CollectionSpec } from '../engine/collection-spec.ts'
import type { EngineCollection } from '../engine/engine.ts'
import { fieldPath, withoutValueAt } from '../engine/field-path.ts'
import { parseFilter } from '../engine/filter.ts'
import { type IdentityValue, identityAt } from '../engine/identity-value.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import { NEAREST_IDS } from '../engine/query.ts'
import type { NewRecord } from '../engine/record.ts'
import { AppError } from '../errors.ts'
import type { DecodedImage } from '../image/image-decoder.ts'

/** What is looked at of a picture. */
export type Picture = Pick<DecodedImage, 'width' | 'height' | 'quality'>

/** One way in which a record falls short of what its collection asks for. */
export interface QualityFault {
  readonly reason: 'minSide' | 'sharpness' | 'brightness' | 'ownDistance' | 'otherDistance'
  readonly value: number
  readonly limit: number
}

/** A record as it is to be put; `held` says why it has lost its identity, where it has. */
export interface Enrolled {
  readonly record: NewRecord
  readonly held?: readonly QualityFault[]
}

/** The member of the metadata that says what a held record was to be, and why it is not. */
export const HELD = 'held'

/** @throws INVALID_REQUEST for limits in a collection that has no identities, or none at all. */
export function checkQuality({
  name,
  identityField,
  quality,
}: Pick<CollectionSpec, 'name' | 'identityField' | 'quality'>): void {
  if (quality === null) return
  const { otherwise: _, ...limits } = quality
  if (identityField === null) {
    throw invalid(`/quality: expected an identityField beside it, got none for ${name}`)
  }
  if (Object.keys(limits).length === 0)
    throw invalid('/quality: expected at least one limit, got none')
  if (identityField === HELD) {
    throw invalid(`/quality: expected another identityField than ${HELD}, which says what is held`)
  }
}

/** Whether pixels have to be measured for a collection. */
export function measuresPictures({ quality }: Pick<CollectionSpec, 'quality'>): boolean {
  return quality?.sharpness !== undefined || quality?.brightness !== undefined
}

/** @throws QUALITY_TOO_LOW for a picture that falls short. */
export function checkPicture(picture: Picture, spec: CollectionSpec): void {
  const faults = pictureFaults(picture, spec)
  if (faults.length > 0) throw tooLow(faults)
}

/** @throws INVALID_METADATA for metadata of a record to add that say themselves that it is held. */
export function checkNotHeld(metadata: Metadata, { quality }: CollectionSpec): void {
  if (quality === null || !Object.hasOwn(metadata, HELD)) return
  throw new AppError(
    'INVALID_METADATA',
    `expected no ${HELD} in the metadata of a record to add, which the service writes, got one`,
  )
}

/**
 * Gives the record as it is to be put: without its identity where it is held. One without an identity may be anything.
 * @throws QUALITY_TOO_LOW for one that is refused; INVALID_METADATA for one that says itself that it is held.
 */
export async function enrolled(
  record: NewRecord,
  picture: Picture | null,
  engine: Pick<EngineCollection, 'spec' | 'pin'>,
  signal?: AbortSignal,
): Promise<Enrolled> {
  const { spec } = engine
  const field = spec.identityField!
  const path = fieldPath(field)
  const { metadata } = record
  checkNotHeld(metadata, spec)
  const identity = identityAt(metadata, path)
  if (identity === null) return { record }
  const faults = [
    ...(picture === null ? [] : pictureFaults(picture, spec)),
    ...(await distanceFaults(record, identity, engine, signal)),
  ]
  if (faults.length === 0) return { record }
  if (spec.quality!.otherwise === 'refuse') throw tooLow(faults)
  const reasons = faults.map((fault) => ({ ...fault }))
  const without = withoutValueAt(metadata, path, field)
  const kept = parseMetadata({ ...without, [HELD]: { identity, reasons } })
  return { record: { ...record, metadata: kept }, held: faults }
}

function pictureFaults({ width, height, quality: measured }: Picture, { quality }: CollectionSpec) {
  if (quality === null) return []
  const { minSide, sharpness, brightness } = quality
  return [
    ...below('minSide', Math.min(width, height), minSide),
    ...(measured === undefined ? [] : below('sharpness', measured.sharpness, sharpness)),
    ...(measured === undefined ? [] : below('brightness', measured.brightness, brightness)),
  ]
}

async function distanceFaults(
  { id, vector }: NewRecord,
  identity: IdentityValue,
  engine: Pick<EngineCollection, 'spec' | 'pin'>,
  signal: AbortSignal | undefined,
): Promise<readonly QualityFault[]> {
  const { ownDistance, otherDistance } = engine.spec.quality!
  if (ownDistance === undefined && otherDistance === undefined) return []
  const field = engine.spec.identityField!
  const { generation, release } = engine.pin()
  try {
    const nearest = async (wanted: object) => {
      const filter = parseFilter(wanted)
      const query = { ...NEAREST_IDS, vector, filter, without: [id], k: 1, limit: 1 }
      return (await generation.search(query, signal)).matches[0]
    }
    const own = ownDistance === undefined ? undefined : await nearest({ [field]: identity })
    const named = { [field]: { $exists: true, $nin: [identity, null] } }
    const other = otherDistance === undefined ? undefined : await nearest(named)
    return [
      ...(own === undefined ? [] : above('ownDistance', own.distance, ownDistance)),
      ...(other === undefined ? [] : below('otherDistance', other.distance, otherDistance)),
    ]
  } finally {
    release()
  }
}

function below(reason: QualityFault['reason'], value: number, limit: number | undefined) {
  return limit === undefined || value >= limit ? [] : [{ reason, value, limit }]
}

function above(reason: QualityFault['reason'], value: number, limit: number | undefined) {
  return limit === undefined || value <= limit ? [] : [{ reason, value, limit }]
}

function tooLow(faults: readonly QualityFault[]): AppError {
  const all = faults.map(({ reason, value, limit }) => {
    const side = reason === 'ownDistance' ? 'at most' : 'at least'
    return `${reason} of ${side} ${limit}, got ${value}`
  })
  return new AppError('QUALITY_TOO_LOW', `expected ${all.join('; ')}`)
}

function invalid(message: string): AppError {
  return new AppError('INVALID_REQUEST', message)
}
