import { DEFAULT_STATISTICS_RECORDS } from '../engine/statistics.ts'

/** How much one call may cost. */
export interface WorkLimits {
  /** Milliseconds in which the answer of a call must begin, and a join end. */
  readonly deadlineMs: number
  /** Records drawn for statistics, 5 to 1,000. */
  readonly statisticsRecords: number
  /** Records whose neighbours are looked for in one answer of duplicates, unknown records or suggestions. */
  readonly neighbourhoods: number
}

export const DEFAULT_WORK_LIMITS: WorkLimits = {
  deadlineMs: 300_000,
  statisticsRecords: DEFAULT_STATISTICS_RECORDS,
  neighbourhoods: 1000,
}
