import type { CollectionSpec } from '../engine/collection-spec.ts'
import { fieldPath } from '../engine/field-path.ts'
import { type Filter, parseFilter } from '../engine/filter.ts'
import { type IdentityValue, identityAt } from '../engine/identity-value.ts'
import type { StoredRecord } from '../engine/record.ts'
import { AppError, shown } from '../errors.ts'

/** Whether records of the query's own camera may be in an answer: to see somebody again, its own views are of no use. */
export interface CameraRequest {
  /** Left out: `include`. */
  readonly sameCamera?: 'include' | 'exclude'
  /** The camera that the query comes from; left out, the cameras of the records searched by. */
  readonly camera?: IdentityValue
}

/**
 * Gives the cameras whose records the answer leaves out.
 *
 * @param searchedBy gives the records that are all there is of the query; null where it has images or vectors of others.
 * @throws INVALID_REQUEST where nothing could be left out: in a collection without cameraField, or of a query that names
 * no camera.
 */
export async function camerasLeftOut(
  { sameCamera, camera }: CameraRequest,
  { name, cameraField }: CollectionSpec,
  searchedBy: () => Promise<readonly StoredRecord[] | null>,
): Promise<readonly IdentityValue[]> {
  if (sameCamera !== 'exclude') {
    if (camera === undefined) return []
    const got = sameCamera === undefined ? 'none' : shown(sameCamera)
    throw invalid(`/camera: expected sameCamera "exclude" beside it, got ${got}`)
  }
  if (cameraField === null) {
    throw invalid(
      `/sameCamera: expected a collection with a cameraField, got ${name}, which has none`,
    )
  }
  if (camera !== undefined) return [camera]
  const records = await searchedBy()
  if (records === null) {
    throw invalid(
      '/sameCamera: expected camera beside it, as images and vectors have none of their own, got none',
    )
  }
  const path = fieldPath(cameraField)
  const cameras = records.map(({ id, metadata }) => {
    const own = identityAt(metadata, path)
    if (own !== null) return own
    throw invalid(
      `/sameCamera: expected text, a number or a boolean as ${shown(cameraField)} of the record ${shown(id)}, or camera beside it, got neither`,
    )
  })
  return [...new Set(cameras)]
}

/** Adds to a filter that records of these cameras are left out. */
export function withoutCameras(
  filter: Filter | null,
  cameraField: string | null,
  cameras: readonly IdentityValue[],
): Filter | null {
  if (cameraField === null || cameras.length === 0) return filter
  const others = parseFilter({ [cameraField]: { $nin: cameras } })
  return filter === null ? others : { kind: 'all', filters: [filter, others] }
}

/**
 * Checks that records can be left out by the field of their camera.
 * @throws INVALID_REQUEST for the identity field, whose values would leave out the very records wanted, and for a name
 * that no filter reaches.
 */
export function checkCameraField(cameraField: string | null, identityField: string | null): void {
  if (cameraField === null) return
  if (cameraField === identityField) {
    throw invalid(
      `/cameraField: expected another field than identityField, got ${shown(cameraField)} for both`,
    )
  }
  if (cameraField === '' || cameraField.startsWith('$')) {
    throw invalid(
      `/cameraField: expected the name of a field that filters can reach, got ${shown(cameraField)}`,
    )
  }
}

function invalid(message: string): AppError {
  return new AppError('INVALID_REQUEST', message)
}
