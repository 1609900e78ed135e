import { isObject, type Metadata, type MetadataValue, withMember } from './metadata.ts'

/**
 * A field of metadata, as a name that may have dots. At each object the longest member is taken that the name, or what is
 * left of it, begins with: `a.b` is the member "a.b" where there is one that leads to a value, else the member "b" of "a".
 * Only own members of objects count: neither what objects inherit, nor the positions and the length of lists.
 */
export interface FieldPath {
  /** The members to look for at each part of the name, the longest first; `next` is the part after them. */
  readonly steps: readonly (readonly Step[])[]
}

interface Step {
  readonly member: string
  readonly next: number
}

/** More than the levels of metadata: what is behind so many dots is one part. */
const MAX_PARTS = 32

export function fieldPath(name: string): FieldPath {
  const pieces = name.split('.')
  const parts = pieces.slice(0, MAX_PARTS - 1)
  if (pieces.length > parts.length) parts.push(pieces.slice(MAX_PARTS - 1).join('.'))
  const steps = parts.map((_, from) => {
    const found: Step[] = []
    for (let next = parts.length; next > from; next--) {
      found.push({ member: parts.slice(from, next).join('.'), next })
    }
    return found
  })
  return { steps }
}

/** Gives the value of a field, or undefined; a list on the way ends it, as it has more than one. */
export function valueAt(metadata: Metadata, path: FieldPath): MetadataValue | undefined {
  let found: MetadataValue | undefined
  walk(metadata, path, 0, false, (value) => {
    found = value
    return true
  })
  return found
}

/**
 * Gives metadata in which `valueAt` finds another value; undefined: without the one it finds, behind which it may find a second.
 * A field that leads nowhere becomes a member of the object in which it ends, as it was before its value was taken away.
 */
export function withValueAt(
  metadata: Metadata,
  path: FieldPath,
  name: string,
  value: MetadataValue | undefined,
): Metadata {
  const changed = withValueFrom(metadata, path, 0, value)
  if (changed !== null) return changed
  if (value === undefined) return metadata
  const { members, rest } = deepestWay(metadata, path, 0)
  return withNewMember(metadata, members, rest ?? name, value)
}

/** Gives metadata in which `valueAt` finds nothing. */
export function withoutValueAt(metadata: Metadata, path: FieldPath, name: string): Metadata {
  let left = metadata
  while (valueAt(left, path) !== undefined) left = withValueAt(left, path, name, undefined)
  return left
}

interface Way {
  /** Of objects, each in the one before. */
  readonly members: readonly string[]
  /** What is left of the name behind them; null where that is all of it. */
  readonly rest: string | null
  readonly next: number
}

/** Finds the objects that most of the name leads into; of those as deep the first that are found. */
function deepestWay(object: Metadata, path: FieldPath, from: number): Way {
  const rest = from === 0 ? null : path.steps[from]![0]!.member
  let deepest: Way = { members: [], rest, next: from }
  for (const { member, next } of path.steps[from]!) {
    const inner = Object.hasOwn(object, member) ? object[member] : undefined
    if (next === path.steps.length || !isObject(inner)) continue
    const way = deepestWay(inner, path, next)
    if (way.next > deepest.next) deepest = { ...way, members: [member, ...way.members] }
  }
  return deepest
}

function withNewMember(
  object: Metadata,
  [first, ...others]: readonly string[],
  rest: string,
  value: MetadataValue,
): Metadata {
  if (first === undefined) return withMember(object, rest, value)
  const inner = withNewMember(object[first] as Metadata, others, rest, value)
  return withMember(object, first, inner)
}

/** The parts of the name before `from` lead to `object`. @returns null where the others lead nowhere. */
function withValueFrom(
  object: Metadata,
  path: FieldPath,
  from: number,
  value: MetadataValue | undefined,
): Metadata | null {
  for (const { member, next } of path.steps[from]!) {
    if (!Object.hasOwn(object, member)) continue
    if (next === path.steps.length) return withMember(object, member, value)
    const inner = object[member]!
    if (!isObject(inner)) continue
    const changed = withValueFrom(inner, path, next, value)
    if (changed !== null) return withMember(object, member, changed)
  }
  return null
}

/**
 * Tells whether a value of the field meets the test; undefined where the record has no such field. The way goes on into each
 * object of a list, and so may lead to several values.
 */
export function meetsAt(
  metadata: Metadata,
  path: FieldPath,
  test: (value: MetadataValue) => boolean,
): boolean | undefined {
  return walk(metadata, path, 0, true, test)
}

/** The parts of the name before `from` lead to `value`. */
function walk(
  value: MetadataValue | undefined,
  path: FieldPath,
  from: number,
  intoLists: boolean,
  test: (value: MetadataValue) => boolean,
): boolean | undefined {
  const steps = path.steps[from]
  if (steps === undefined) return value === undefined ? undefined : test(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    if (!intoLists) return undefined
    let met: boolean | undefined
    for (const item of value as readonly MetadataValue[]) {
      if (!Array.isArray(item)) met = walk(item, path, from, intoLists, test) ?? met
      if (met === true) return true
    }
    return met
  }
  // A plain loop: this runs for every record that a filter is asked of.
  for (let i = 0; i < steps.length; i++) {
    const { member, next } = steps[i]!
    if (!Object.hasOwn(value, member)) continue
    const met = walk((value as Metadata)[member], path, next, intoLists, test)
    if (met !== undefined) return met
  }
  return undefined
}
