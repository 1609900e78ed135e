import type { EngineCapabilities, EngineCollection } from '../../engine/engine.ts'
import type {
  HubsAnswer,
  HubsQuery,
  JoinedPair,
  JoinQuery,
  ReverseAnswer,
  ReverseQuery,
} from '../../engine/pairs.ts'
import { checkAbility } from '../capabilities.ts'
import { queryVector, type SearchParts } from '../query-vector.ts'
import type { SearchQuery } from '../requests.ts'
import { checkComparable } from './comparable.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
  /** Runs work on the active generation, which stays searchable until the work is done. */
  readonly pinned: <T>(work: (parts: SearchParts) => Promise<T>) => Promise<T>
}

/** A search for the records that have one of a query's kind among their k nearest. */
export interface ReverseSearchRequest<Image = Uint8Array>
  extends Pick<ReverseQuery, 'k' | 'filter' | 'limit'> {
  readonly query: SearchQuery<Image>
}

/** The use cases of one collection that are about pairs of records. */
export class PairQueries {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Finds pairs of records of this collection and another, or of this one where `other` is null, some at a time.
   * @throws COLLECTIONS_NOT_COMPARABLE, and what the engine throws.
   */
  async *join(
    query: JoinQuery,
    other: PairQueries | null,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JoinedPair[]> {
    const { engine, capabilities } = this.#parts
    checkAbility('joins', capabilities.joins)
    const own = engine.pin()
    let others: ReturnType<EngineCollection['pin']> | null = null
    try {
      if (other !== null) {
        others = other.#parts.engine.pin()
        checkComparable(own.generation.spec, others.generation.spec)
      }
      yield* own.generation.join(others?.generation ?? null, query, signal)
    } finally {
      others?.release()
      own.release()
    }
  }

  /**
   * Finds the records that have what is searched by among their k nearest; the records searched by neither are found nor
   * count. @throws as a search does.
   */
  async reverseSearch(
    { query, ...rest }: ReverseSearchRequest,
    signal: AbortSignal,
  ): Promise<ReverseAnswer> {
    checkAbility('joins', this.#parts.capabilities.joins)
    return await this.#parts.pinned(async (parts) => {
      const { vector, without } = await queryVector(query, parts, signal)
      const isOne = without.length === 1 && query.positive.length + query.negative.length === 1
      const id = isOne ? without[0]! : null
      return await parts.generation.reverseSearch({ ...rest, vector, id, without }, signal)
    })
  }

  /** Counts how often each record is among the k nearest of others. */
  async hubs(query: HubsQuery, signal: AbortSignal): Promise<HubsAnswer> {
    checkAbility('joins', this.#parts.capabilities.joins)
    return await this.#parts.pinned(({ generation }) => generation.hubs(query, signal))
  }
}
