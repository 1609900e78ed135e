import { Picture } from '../parts/picture.tsx'
import type { Place, Size } from './view.ts'

interface PointedAtProps {
  readonly id: string
  /** Where its picture is; null while none is shown. */
  readonly collection: string | null
  readonly at: Place
  readonly size: Size
}

/** Half of the width, with its border. */
const HALF = 66

/** Names the record that is pointed at, beside it and within the map. */
export function PointedAt({ id, collection, at, size }: PointedAtProps) {
  const left = Math.max(HALF, Math.min(size.width - HALF, at.x))
  const isLow = at.y > size.height / 2
  return (
    <div
      class={isLow ? 'map-hover higher' : 'map-hover'}
      style={{ left: `${left}px`, top: `${at.y}px` }}
    >
      {collection !== null && <Picture key={id} collection={collection} id={id} />}
      <span>{id}</span>
    </div>
  )
}
