import {
  type Coefficients,
  nanosecondsOf,
  TYPICAL_COEFFICIENTS,
  WORK_KINDS,
  type WorkCounts,
} from './work-counts.ts'

/** One timed run. */
export interface Observation {
  readonly work: WorkCounts
  readonly nanoseconds: number
}

/** A coefficient stays within this factor of what it starts from. */
const FARTHEST = 4
/** Weight of staying where it starts, against one run. */
const INERTIA = 3e-3
const SWEEPS = 500

/**
 * The coefficients that explain the runs: least squares of the relative errors, ridged towards `start` for what no
 * run tells apart (Hoerl and Kennard, 1970), bounded, by coordinate descent.
 */
export function fitCoefficients(
  observations: readonly Observation[],
  start: Coefficients = TYPICAL_COEFFICIENTS,
): Coefficients {
  const multiples = new Map(WORK_KINDS.map((kind) => [kind, 1]))
  const errors = observations.map(
    ({ work, nanoseconds }) => nanosecondsOf(work, start) / nanoseconds - 1,
  )
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const kind of WORK_KINDS) {
      const multiple = multiples.get(kind)!
      let slope = INERTIA * (1 - multiple)
      let square = INERTIA
      observations.forEach(({ work, nanoseconds }, i) => {
        const share = (work[kind] * start[kind]) / nanoseconds
        slope -= share * errors[i]!
        square += share * share
      })
      const wanted = Math.max(1 / FARTHEST, Math.min(FARTHEST, multiple + slope / square))
      multiples.set(kind, wanted)
      observations.forEach(({ work, nanoseconds }, i) => {
        errors[i]! += ((wanted - multiple) * work[kind] * start[kind]) / nanoseconds
      })
    }
  }
  const fitted = WORK_KINDS.map((kind) => [kind, start[kind] * multiples.get(kind)!] as const)
  return Object.fromEntries(fitted) as Record<(typeof WORK_KINDS)[number], number>
}
