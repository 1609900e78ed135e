/**
 * The kinds of work that a search is made of, each with the nanoseconds that one unit typically takes a server core
 * of 2023: what a calibration starts from, and stays near.
 */
export const TYPICAL_COEFFICIENTS = {
  calls: 90_000, // messages to a search thread and back
  blocks: 300, // blocks of rows that are entered
  scanned: 0.5, // vector components read in row order
  gathered: 0.7, // vector components gathered from rows apart
  prefixed: 40, // rows whose prefix code is looked at
  listed: 25, // rows that come to the codes of whole vectors
  coded: 0.3, // vector components looked at as codes of whole vectors
  judged: 250, // rows that come to the canonical distance
  decided: 1, // vector components in the canonical arithmetic
  prepared: 200, // vector components of the query that are coded
  compared: 2.5, // vector components compared by a tree
  graphCalls: 120_000, // messages to the thread of the graph and back
  visited: 0.5, // vector components compared by the graph
}

type WorkKind = keyof typeof TYPICAL_COEFFICIENTS

export const WORK_KINDS = Object.keys(TYPICAL_COEFFICIENTS) as readonly WorkKind[]

/** How much of each kind of work one search does. */
export type WorkCounts = Readonly<Record<WorkKind, number>>

/** Nanoseconds a unit of each kind. */
export type Coefficients = Readonly<Record<WorkKind, number>>

export const NO_WORK = ofEachKind(() => 0)

export function nanosecondsOf(work: WorkCounts, coefficients: Coefficients): number {
  let sum = 0
  for (const kind of WORK_KINDS) sum += work[kind] * coefficients[kind]
  return sum
}

export function ofEachKind(value: (kind: WorkKind) => number): Readonly<Record<WorkKind, number>> {
  return Object.fromEntries(WORK_KINDS.map((kind) => [kind, value(kind)])) as WorkCounts
}

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
 * Finds the coefficients that explain the runs: least squares of the relative errors, ridged towards `start` for what
 * no run separates (Hoerl and Kennard, 1970), bounded, by coordinate descent.
 */
export function fitCoefficients(observations: readonly Observation[]): Coefficients {
  const start = TYPICAL_COEFFICIENTS
  const multiples = { ...ofEachKind(() => 1) }
  const errors = observations.map(
    ({ work, nanoseconds }) => nanosecondsOf(work, start) / nanoseconds - 1,
  )
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const kind of WORK_KINDS) {
      const multiple = multiples[kind]
      let slope = INERTIA * (1 - multiple)
      let square = INERTIA
      observations.forEach(({ work, nanoseconds }, i) => {
        const share = (work[kind] * start[kind]) / nanoseconds
        slope -= share * errors[i]!
        square += share * share
      })
      const wanted = Math.max(1 / FARTHEST, Math.min(FARTHEST, multiple + slope / square))
      multiples[kind] = wanted
      observations.forEach(({ work, nanoseconds }, i) => {
        errors[i]! += ((wanted - multiple) * work[kind] * start[kind]) / nanoseconds
      })
    }
  }
  return ofEachKind((kind) => start[kind] * multiples[kind])
}
