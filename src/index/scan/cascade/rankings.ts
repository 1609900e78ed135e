import { KeptSearches } from '../kept-searches.ts'
import type { RowsRange } from '../rows-range.ts'
import type { Ranking } from './ranking.ts'

/** The scans of one thread that somebody may go on with. */
export class Rankings extends KeptSearches<Ranking> {
  /** The ranking of this name, which is kept no longer; null when it is gone, or was of other rows. */
  takeFor(name: string, vector: Float32Array, range: RowsRange): Ranking | null {
    const found = this.take(name)
    return found?.fits(vector, range) ? found : null
  }
}
