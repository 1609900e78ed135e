import { DEFAULT_STATISTICS_RECORDS } from '../engine/statistics.ts'

/** How much one call may cost. */
export interface WorkLimits {
  /** Milliseconds of a search, a scroll, a delete, statistics or duplicates. */
  readonly workMs: number
  /** Records drawn for statistics, 5 to 1,000. */
  readonly statisticsRecords: number
  /** Records whose neighbours are looked for in one answer of duplicates. */
  readonly neighbourhoods: number
}

export const DEFAULT_WORK_LIMITS: WorkLimits = {
  workMs: 60_000,
  statisticsRecords: DEFAULT_STATISTICS_RECORDS,
  neighbourhoods: 1000,
}
