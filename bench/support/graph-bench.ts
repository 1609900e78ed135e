import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import { openService } from '../../src/service/service.ts'
import { clusteredVectors } from './clustered-vectors.ts'

const SEED = 1
const ROWS_A_CALL = 2000

/** The records and queries of the benchmarks of approximate search, and the folder where the service keeps them. */
export class GraphBench {
  readonly seed = SEED
  readonly collection = 'bench'
  readonly k: number
  readonly rows: number
  readonly dimensions: number
  readonly dataFolder: string
  readonly queries: readonly Float32Array[]
  readonly vectors: readonly Float32Array[]

  constructor(parts: {
    readonly rows: number
    readonly dimensions: number
    readonly dataFolder: string
    readonly k: number
    readonly queries: number
  }) {
    const { rows, dimensions, dataFolder, k } = parts
    this.rows = rows
    this.dimensions = dimensions
    this.dataFolder = dataFolder
    this.k = k
    const next = clusteredVectors(dimensions, SEED)
    this.vectors = Array.from({ length: rows }, next)
    this.queries = Array.from({ length: parts.queries }, next)
  }

  get graphFolder(): string {
    return join(this.dataFolder, 'graphs')
  }

  /** Stores the records in order, unless they are stored already. */
  async store(): Promise<void> {
    const service = await openService(loadConfig({}, { data: this.dataFolder }))
    try {
      const { collection: name, dimensions } = this
      const { status } = await service.collections.create({ name, dimensions })
      if (status.count === this.rows) return
      const collection = service.collections.get(this.collection)
      for (let first = 0; first < this.rows; first += ROWS_A_CALL) {
        const points = this.vectors.slice(first, first + ROWS_A_CALL)
        await collection.addVectors(
          points.map((vector, i) => ({ id: `v${first + i}`, vector, metadata: {} })),
        )
      }
    } finally {
      await service.close()
    }
  }
}
