import type { Metadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'

/** Gives the metadata that a path below the indexed folder says, or null of a path that is not laid out so. */
export type PathLayout = (id: string) => Metadata | null

const MAX_PARTS = 32
const MAX_LENGTH = 512
const PART = /\{([^{}]*)\}|\*|[^{}*]+|[{}]/g
const NAME = /^[a-z][a-z0-9_-]{0,63}$/i

/**
 * Reads a layout: the name of a known one, or a pattern of paths such as `{identity}/{camera}_*.jpg`. In a pattern `{name}` is a part
 * of one folder or file name that becomes the member `name`, as text, and `*` is any text of one name, also none. A part ends as
 * early as what follows it allows.
 *
 * @throws INVALID_REQUEST
 */
export function pathLayout(text: string): PathLayout {
  return text === 'market1501' ? market1501 : patternLayout(text)
}

/** The names of Market-1501 (Zheng et al., ICCV 2015): person, camera, sequence, frame and number of the box, as `0002_c1s1_000451_03.jpg`. */
const MARKET =
  /^(?:(?<folder>.*)\/)?(?<person>-1|\d{4})_(?<camera>c\d+)s(?<sequence>\d+)_(?<frame>\d+)_(?<box>\d+)(?:\.jpe?g|\.png)(?:\.jpe?g)?$/i

/** The folders of the data set, and the splits that they are. */
const SPLITS: Readonly<Record<string, string>> = {
  bounding_box_train: 'train',
  bounding_box_test: 'gallery',
  query: 'query',
}

function market1501(id: string): Metadata | null {
  const { folder, person, camera, sequence, frame } = MARKET.exec(id)?.groups ?? {}
  if (person === undefined) return null
  const split = SPLITS[folder?.split('/').at(-1) ?? '']
  return {
    person,
    camera: camera!.toLowerCase(),
    sequence: Number(sequence),
    frame: Number(frame),
    ...(split !== undefined && { split }),
    // What a detector took for a person, and people whom nobody is asked for.
    ...(person === '-1' && { junk: true }),
    ...(person === '0000' && { distractor: true }),
  }
}

function patternLayout(text: string): PathLayout {
  const parts = text.match(PART) ?? []
  const names = parts.flatMap((part) =>
    part.length > 1 && part.startsWith('{') ? [part.slice(1, -1)] : [],
  )
  const odd = names.find((name, i) => !NAME.test(name) || names.indexOf(name) !== i)
  const hasBrace = parts.some((part) => part === '{' || part === '}')
  if (names.length === 0 || odd !== undefined || hasBrace) {
    const wanted =
      'market1501, or a pattern with each {name} once, such as {identity}/{camera}_*.jpg'
    throw new AppError('INVALID_REQUEST', `expected --layout as ${wanted}, got ${shown(text)}`)
  }
  if (parts.length > MAX_PARTS || text.length > MAX_LENGTH) {
    const most = `expected a layout of at most ${MAX_PARTS} parts and ${MAX_LENGTH} characters`
    throw new AppError('INVALID_REQUEST', `${most}, got ${parts.length} and ${text.length}`)
  }
  const pattern = parts.map((part) => {
    if (part === '*') return '[^/]*?'
    return part.startsWith('{') ? '([^/]+?)' : part.replace(/[.?+^$()[\]\\|]/g, '\\$&')
  })
  const regular = new RegExp(`^${pattern.join('')}$`, 'iu')
  return (id) => {
    const found = regular.exec(id)
    if (found === null) return null
    return Object.fromEntries(names.map((name, i) => [name, found[i + 1]!]))
  }
}
