import type { IdentityEffect, KeptIdentity } from '../../engine/identity-store.ts'
import { checkNewIdentity, type IdentityValue } from '../../engine/identity-value.ts'
import { type Metadata, mergeMetadata, parseMetadata } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import { type CurationView, MAX_CHANGED_RECORDS, type Plan } from './curation-plan.ts'
import { pairOf } from './differences.ts'

export interface MergeRequest {
  readonly into: IdentityValue
  readonly from: readonly IdentityValue[]
}

export interface IdentityEdit {
  /** A new name. */
  readonly identity?: IdentityValue
  /** A JSON merge patch (RFC 7396) of its own metadata. */
  readonly metadata?: Metadata
}

/** The most identities that are merged into another at once. */
export const MAX_MERGED = 1000

/**
 * Makes identities one: their records, own metadata and differences become those of `into`, whose own metadata come first.
 * @throws IDENTITY_NOT_FOUND, IDENTITIES_DIFFER, IDENTITY_TOO_LARGE, INVALID_REQUEST, INVALID_METADATA.
 */
export async function planMerge({ into, from }: MergeRequest, view: CurationView): Promise<Plan> {
  const all = [into, ...from]
  const twice = all.find((identity, i) => all.indexOf(identity) !== i)
  if (twice !== undefined) {
    throw new AppError(
      'INVALID_REQUEST',
      `/from: expected each identity once, and not the one to merge into, got ${shown(twice)} twice`,
    )
  }
  const target = await view.existing(into)
  const sources: KeptIdentity[] = []
  for (const identity of from) sources.push(await view.existing(identity))
  for (const [i, a] of all.entries()) {
    const b = all.slice(i + 1).find((other) => view.differences.has(a, other))
    if (b !== undefined) {
      throw new AppError(
        'IDENTITIES_DIFFER',
        `expected identities that may be the same, got ${shown(a)} and ${shown(b)}, which are said to differ: undo that first, if it is wrong`,
      )
    }
  }
  const weakestFirst = [target, ...sources].reverse()
  const metadata = Object.fromEntries(
    weakestFirst.flatMap((identity) => Object.entries(identity.metadata)),
  )
  const effects = [
    ...(await movedRecords(from, into, view)),
    ...describe(target, metadata),
    ...sources.flatMap((source) => describe(source, {})),
    ...movedDifferences(from, into, view),
  ]
  return { kind: 'merge', what: { into, from }, effects }
}

/**
 * Renames an identity, or changes its own metadata, or both.
 * @throws IDENTITY_NOT_FOUND, IDENTITY_EXISTS, IDENTITY_TOO_LARGE, INVALID_ID, INVALID_METADATA.
 */
export async function planEdit(
  identity: IdentityValue,
  edit: IdentityEdit,
  view: CurationView,
): Promise<Plan | null> {
  const known = await view.existing(identity)
  const metadata = mergeMetadata(known.metadata, edit.metadata ?? {})
  const to = edit.identity ?? identity
  if (to === identity) {
    const effects = describe(known, metadata)
    return effects.length === 0 ? null : { kind: 'describe', what: { identity }, effects }
  }
  await view.checkFree(checkNewIdentity(to))
  const effects = [
    ...(await movedRecords([identity], to, view)),
    ...describe(known, {}),
    ...describe({ identity: to, metadata: {} }, metadata),
    ...movedDifferences([identity], to, view),
  ]
  return { kind: 'rename', what: { identity, to }, effects }
}

async function movedRecords(
  from: readonly IdentityValue[],
  into: IdentityValue,
  view: CurationView,
): Promise<readonly IdentityEffect[]> {
  const effects: IdentityEffect[] = []
  for (const identity of from) {
    effects.push(...(await view.moved(identity, into, MAX_CHANGED_RECORDS - effects.length)))
  }
  return effects
}

function describe(
  { identity, metadata: before }: Pick<KeptIdentity, 'identity' | 'metadata'>,
  after: Metadata,
): readonly IdentityEffect[] {
  const effect = {
    kind: 'metadata',
    subject: identity,
    before: kept(before),
    after: kept(parseMetadata(after)),
  } as const
  return JSON.stringify(effect.before) === JSON.stringify(effect.after) ? [] : [effect]
}

/** Empty metadata are not kept. */
function kept(metadata: Metadata): Metadata | undefined {
  return Object.keys(metadata).length === 0 ? undefined : metadata
}

/** Whoever differs from one that is no more differs from the one that it became. */
function movedDifferences(
  from: readonly IdentityValue[],
  into: IdentityValue,
  { differences }: CurationView,
): readonly IdentityEffect[] {
  const effects: IdentityEffect[] = []
  const known = new Set(differences.of(into))
  for (const identity of from) {
    for (const other of differences.of(identity)) {
      const gone = pairOf(identity, other)
      effects.push({ kind: 'difference', subject: gone, before: true, after: undefined })
      // `into` itself where it has lost all its records, and now gets others.
      if (other === into || known.has(other)) continue
      known.add(other)
      const made = pairOf(into, other)
      effects.push({ kind: 'difference', subject: made, before: undefined, after: true })
    }
  }
  return effects
}
