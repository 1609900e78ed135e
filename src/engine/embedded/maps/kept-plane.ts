import { SharedWork } from '../../../scheduling/shared-work.ts'
import type { PrincipalPlane } from '../../../vector/principal-plane.ts'
import type { GenerationParts } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'

/** A plane, with the state of the records that it was found in. */
export interface FoundPlane extends PrincipalPlane {
  readonly records: number
  /** The number of changes of the rows at that time. */
  readonly at: number
}

/** The share of the records that may change before the plane is found anew. */
const MOST_CHANGED = 0.1

/**
 * Keeps the principal plane of a generation, so that a map stays where it is while some records come and go. Whoever needs it
 * while it is looked for waits for the same work.
 */
export class KeptPlane {
  readonly #rows: GenerationRows
  readonly #thread: GenerationParts['selections']
  #found: FoundPlane | null = null
  #work: SharedWork | null = null

  constructor(rows: GenerationRows, thread: GenerationParts['selections']) {
    this.#rows = rows
    this.#thread = thread
  }

  /** Gives the plane. @throws as the thread, and what `signal` aborts with. */
  async find(signal?: AbortSignal): Promise<FoundPlane> {
    if (this.#found !== null && !this.#isOld(this.#found)) return this.#found
    if (this.#work === null || this.#work.stopped) this.#work = this.#begin()
    await this.#work.wait(signal)
    return this.#found!
  }

  #isOld({ records, at }: FoundPlane): boolean {
    return this.#rows.changes - at > MOST_CHANGED * records
  }

  #begin(): SharedWork {
    const work = new SharedWork(async (signal) => {
      try {
        await pinned(this.#rows, async () => {
          const listed = this.#rows.slots.rowsInUse()
          const at = this.#rows.changes
          const wanted = { rows: this.#rows.vectors.view(), listed }
          const plane = await this.#thread.call('plane', wanted, { signal })
          this.#found = { ...plane, records: listed.length, at }
        })
      } finally {
        if (this.#work === work) this.#work = null
      }
    })
    return work
  }
}
