import type { EngineCollection } from '../../src/engine/engine.ts'
import type { NewRecord } from '../../src/engine/record.ts'

export interface Writer {
  /** The number of writes so far. */
  readonly writes: number
  /** Ends it, so that all records are there as they were. */
  stop(): Promise<void>
}

/**
 * Writes until it is stopped: replaces records by themselves, and deletes and reinserts those that come and go. At every
 * moment the others are there, each once.
 */
export function startWriter(
  collection: EngineCollection,
  replaced: readonly NewRecord[],
  comeAndGo: readonly NewRecord[],
): Writer {
  let isStopped = false
  let writes = 0
  const work = async () => {
    for (let i = 0; !isStopped; i++) {
      await collection.put(replaced[i % replaced.length]!)
      const moving = comeAndGo[i % comeAndGo.length]!
      await collection.delete({ ids: [moving.id] })
      await collection.put(moving)
      writes += 3
    }
  }
  const done = work()
  return {
    get writes() {
      return writes
    },
    async stop() {
      isStopped = true
      await done
    },
  }
}
