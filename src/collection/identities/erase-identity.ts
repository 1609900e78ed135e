import type { CollectionSpec } from '../../engine/collection-spec.ts'
import type { EngineCollection } from '../../engine/engine.ts'
import { type FieldPath, fieldPath } from '../../engine/field-path.ts'
import { parseFilter } from '../../engine/filter.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import type { Metadata } from '../../engine/metadata.ts'
import type { StoredRecord } from '../../engine/record.ts'
import { AppError, shown } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { HELD } from '../enrolment.ts'
import { LAYOUT_DOCUMENT } from '../maps/kept-layout.ts'
import { recordPages } from './identified-records.ts'
import { identityFieldOf } from './subject-views.ts'

/** Says what was removed of an identity. It names nothing of it but the value that was asked for. */
export interface ErasureReceipt {
  readonly identity: IdentityValue
  /** ISO 8601, UTC. */
  readonly erasedAt: string
  readonly removed: {
    readonly records: number
    /** Of all models that the collection was embedded with. */
    readonly vectors: number
    readonly originals: number
    readonly thumbnails: number
    /** Vectors of the same pictures that trainings had kept. */
    readonly features: number
    /** Own metadata of the identity, and what says that it is not another one. */
    readonly facts: number
    /** Changes of the history that named it or its records. They cannot be undone any more. */
    readonly changes: number
  }
  /** Whether no file of the data folder has a byte of it any more; false where that is still being done. */
  readonly complete: boolean
  /** What is beyond the reach of the service. */
  readonly untouched: readonly { readonly what: string; readonly cure: string }[]
}

/** Port: erases what trainings keep of pictures. */
export interface PictureFeatures {
  /** Erases the vectors of pictures of these SHA-256; resolves to how many. */
  erase(contentHashes: ReadonlySet<string>): Promise<number>
}

interface Parts {
  readonly engine: EngineCollection
  readonly features: PictureFeatures
  readonly now: () => Date
  /** Runs work between the decisions of observations, and between changes by hand. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

const HELD_IDENTITY = `${HELD}.identity`
const HELD_PATH = fieldPath(HELD_IDENTITY)
const LOOKUPS_AT_ONCE = 16
const PAGE = 500
/** How often records are looked for that were stored meanwhile. */
const MAX_WALKS = 5

const UNTOUCHED = [
  {
    what: 'backups and snapshots of the data folder or its volume, and copies of it, that were made before',
    cure: 'delete them, or let them expire',
  },
  {
    what: 'models that were trained on the pictures, and the checkpoints of trainings under way',
    cure: 'train again without them, and move to that model',
  },
  {
    what: 'the reports and requests of imports, which name files, URLs and ids; the last 200 jobs are kept',
    cure: 'run other jobs, or remove the data folder',
  },
  {
    what: 'the log of the service, which has the paths of requests',
    cure: 'let it be rotated',
  },
  { what: 'other collections, which may have the same pictures', cure: 'erase there, too' },
] as const

/**
 * Removes everything of an identity, and waits until no file has a byte of it. No observation and no change by hand decides
 * meanwhile. A call that ends early can be sent again: what is left is found by its records.
 * @throws IDENTITY_NOT_FOUND; COLLECTION_WITHOUT_IDENTITIES; what `signal` aborts with: what was removed then stays removed.
 */
export async function eraseIdentity(
  identity: IdentityValue,
  { engine, features, now, alone }: Parts,
  signal?: AbortSignal,
): Promise<ErasureReceipt> {
  const { removed, allFound } = await alone(() => remove(identity, engine, features, signal))
  const { records, vectors, contents, facts, changes } = removed
  if (records + facts + changes === 0) {
    const message = `no identity ${shown(identity)} in ${engine.spec.name}`
    throw new AppError('IDENTITY_NOT_FOUND', message)
  }
  // It says where the records were on the map.
  if ((await engine.document(LAYOUT_DOCUMENT)) !== null) {
    await engine.keepDocument(LAYOUT_DOCUMENT, null)
  }
  const isOriginal = engine.spec.keep === 'original'
  return {
    identity,
    removed: {
      records,
      vectors,
      originals: isOriginal ? contents : 0,
      thumbnails: isOriginal ? 0 : contents,
      features: removed.features,
      facts,
      changes,
    },
    complete: allFound && (await engine.erased()),
    erasedAt: now().toISOString(),
    untouched: UNTOUCHED,
  }
}

/** @returns what was removed, and whether nothing was left at the last look. */
async function remove(
  identity: IdentityValue,
  engine: EngineCollection,
  features: PictureFeatures,
  signal?: AbortSignal,
) {
  const removed = { records: 0, vectors: 0, contents: 0, features: 0, facts: 0, changes: 0 }
  let found = 1
  for (let walk = 0; walk < MAX_WALKS && found > 0; walk++) {
    found = 0
    for await (const page of pagesOf(identity, engine, signal)) {
      const ids = page.map(({ id }) => id)
      const hashes = page.flatMap(({ image }) => (image === null ? [] : [image.contentHash]))
      // Before the records: of an erasure that is ended early nobody could find these afterwards.
      removed.features += await features.erase(new Set(hashes))
      removed.changes += (await engine.identities.forget({ identity: null, ids })).changes
      const erased = await engine.erase(await stillOf(identity, ids, engine, signal), signal)
      found += page.length
      removed.records += erased.records
      removed.vectors += erased.vectors
      removed.contents += erased.contents
    }
  }
  const known = await engine.identities.forget({ identity, ids: [] })
  removed.facts = known.facts
  removed.changes += known.changes
  return { removed, allFound: found === 0 }
}

/** Looks again which of these records are of the identity: somebody may have written them meanwhile. */
async function stillOf(
  identity: IdentityValue,
  ids: readonly string[],
  engine: EngineCollection,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const records = await mapBounded(ids, LOOKUPS_AT_ONCE, (id) => {
    signal?.throwIfAborted()
    return engine.get(id, { vector: false })
  })
  const paths = placesOf(engine.spec)
  return records.flatMap((record) =>
    record !== null && isOf(identity, record.metadata, paths) ? [record.id] : [],
  )
}

/** Gives the places where records name their identity: of one that is held, what it was to be. */
function placesOf(spec: CollectionSpec): readonly FieldPath[] {
  const path = fieldPath(identityFieldOf(spec))
  return spec.quality === null ? [path] : [path, HELD_PATH]
}

function isOf(identity: IdentityValue, metadata: Metadata, paths: readonly FieldPath[]): boolean {
  return paths.some((path) => identityAt(metadata, path) === identity)
}

/** Walks over the records of an identity, held ones too, some at a time. */
async function* pagesOf(
  identity: IdentityValue,
  engine: EngineCollection,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredRecord[]> {
  const field = identityFieldOf(engine.spec)
  const named = { [field]: identity }
  const isHeld = engine.spec.quality !== null
  const filter = parseFilter(isHeld ? { $or: [named, { [HELD_IDENTITY]: identity }] } : named)
  const paths = placesOf(engine.spec)
  const wanted = { filter, limit: PAGE, searchable: true }
  for await (const found of recordPages(engine, wanted, signal)) {
    // A list of several identities meets the filter, and names none.
    const page = found.filter(({ metadata }) => isOf(identity, metadata, paths))
    if (page.length > 0) yield page
  }
}
