import type { EngineCapabilities, EngineCollection } from '../../engine/engine.ts'
import type { JoinedPair, JoinQuery } from '../../engine/query.ts'
import { checkAbility } from '../capabilities.ts'
import { checkComparable } from './comparable.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
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
    const others = other === null ? null : other.#parts.engine.pin()
    try {
      if (others !== null) checkComparable(own.generation.spec, others.generation.spec)
      yield* own.generation.join(others?.generation ?? null, query, signal)
    } finally {
      others?.release()
      own.release()
    }
  }
}
