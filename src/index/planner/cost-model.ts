/**
 * The kinds of work that a search is made of, each with the nanoseconds that one unit typically takes a server core
 * of 2023: what a calibration starts from, and stays near.
 */
export const TYPICAL_COEFFICIENTS = {
  /** Messages to a search thread and back. */
  calls: 90_000,
  /** Blocks of rows that are entered. */
  blocks: 300,
  /** Vector components read in row order. */
  scanned: 0.5,
  /** Vector components gathered from rows apart. */
  gathered: 0.7,
  /** Rows whose prefix code is looked at. */
  prefixed: 40,
  /** Rows that come to the codes of whole vectors. */
  listed: 25,
  /** Vector components looked at as codes of whole vectors. */
  coded: 0.3,
  /** Rows that come to the canonical distance. */
  judged: 250,
  /** Vector components in the canonical arithmetic. */
  decided: 1,
  /** Vector components of the query that are coded. */
  prepared: 200,
  /** Vector components compared by a tree. */
  compared: 2.5,
  /** Messages to the thread of the graph and back. */
  graphCalls: 120_000,
  /** Vector components compared by the graph. */
  visited: 0.5,
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
 * no run tells apart (Hoerl and Kennard, 1970), bounded, by coordinate descent.
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
