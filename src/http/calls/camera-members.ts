import type { CameraRequest } from '../../collection/own-cameras.ts'
import { IdentityValue } from '../schemas/shared.ts'
import { oneOf, Type } from '../schemas/type.ts'

/** The members of a search that leave out the query's own camera. */
export const cameraMembers = {
  sameCamera: oneOf(
    ['include', 'exclude'],
    '`exclude` leaves out records of the camera that the query comes from, by the `cameraField` of the collection.',
  ),
  camera: Type.Union(IdentityValue.anyOf, {
    description:
      'Beside sameCamera `exclude`: the camera that the query comes from; unless given, the cameras of the records searched by.',
  }),
}

/** Reads these members, where they are given. */
export function cameraRequest({ sameCamera, camera }: CameraRequest): CameraRequest {
  return {
    ...(sameCamera !== undefined && { sameCamera }),
    ...(camera !== undefined && { camera }),
  }
}
