import type { EngineCollection } from '../../engine/engine.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import type { StoredRecord } from '../../engine/record.ts'
import { AppError, shown } from '../../errors.ts'
import { identifiedRecords } from './identified-records.ts'
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
}

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
 * Removes everything of an identity, and waits until no file has a byte of it.
 * @throws IDENTITY_NOT_FOUND; COLLECTION_WITHOUT_IDENTITIES; what `signal` aborts with: what was removed then stays removed.
 */
export async function eraseIdentity(
  identity: IdentityValue,
  { engine, features, now }: Parts,
  signal?: AbortSignal,
): Promise<ErasureReceipt> {
  const hashes = new Set<string>()
  let [records, vectors, contents, changes] = [0, 0, 0, 0]
  for (let walk = 0; walk < MAX_WALKS; walk++) {
    let found = 0
    for await (const page of pagesOf(identity, engine, signal)) {
      for (const { image } of page) if (image !== null) hashes.add(image.contentHash)
      const ids = page.map(({ id }) => id)
      // Before the records: of an erasure that is ended early nobody could tell afterwards what they were called.
      changes += (await engine.identities.forget({ identity: null, ids })).changes
      const erased = await engine.erase(ids, signal)
      found += page.length
      records += erased.records
      vectors += erased.vectors
      contents += erased.contents
    }
    if (found === 0) break
  }
  const known = await engine.identities.forget({ identity, ids: [] })
  changes += known.changes
  if (records + known.facts + changes === 0) {
    const message = `no identity ${shown(identity)} in ${engine.spec.name}`
    throw new AppError('IDENTITY_NOT_FOUND', message)
  }
  const removed = await features.erase(hashes)
  const isOriginal = engine.spec.keep === 'original'
  return {
    identity,
    removed: {
      records,
      vectors,
      originals: isOriginal ? contents : 0,
      thumbnails: isOriginal ? 0 : contents,
      features: removed,
      facts: known.facts,
      changes,
    },
    complete: await engine.erased(),
    erasedAt: now().toISOString(),
    untouched: UNTOUCHED,
  }
}

/** Walks over the records of an identity, some at a time. */
async function* pagesOf(
  identity: IdentityValue,
  engine: EngineCollection,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredRecord[]> {
  const filter = parseFilter({ [identityFieldOf(engine.spec)]: identity })
  let page: StoredRecord[] = []
  const wanted = { filter, limit: PAGE, searchable: true }
  // A list of several identities meets the filter, and names none.
  for await (const found of identifiedRecords(engine, wanted, signal)) {
    if (found.identity !== identity) continue
    page.push(found.record)
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
