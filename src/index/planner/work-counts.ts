/** The kinds of work a search is made of; the cost model has a coefficient for each, in nanoseconds. */
export const WORK_KINDS = [
  'calls',
  'blocks',
  'scanned',
  'gathered',
  'prefixed',
  'listed',
  'coded',
  'judged',
  'decided',
  'prepared',
  'compared',
  'graphCalls',
  'visited',
] as const

type WorkKind = (typeof WORK_KINDS)[number]

/**
 * How much of each kind one search does. `calls`: messages to a search thread and back. `blocks`: blocks of rows
 * that are entered. Of vector components: `scanned` in row order, `gathered` from rows apart, `coded` as codes of
 * whole vectors, `decided` in the canonical arithmetic, `prepared` of the query's own codes, `compared` by a tree,
 * `visited` by the graph. Of rows: `prefixed` whose prefix code is looked at, `listed` that come to the codes of
 * whole vectors, `judged` that come to the canonical distance.
 */
export type WorkCounts = Readonly<Record<WorkKind, number>>

/** Nanoseconds a unit of each kind. */
export type Coefficients = Readonly<Record<WorkKind, number>>

export const NO_WORK: WorkCounts = {
  calls: 0,
  blocks: 0,
  scanned: 0,
  gathered: 0,
  prefixed: 0,
  listed: 0,
  coded: 0,
  judged: 0,
  decided: 0,
  prepared: 0,
  compared: 0,
  graphCalls: 0,
  visited: 0,
}

/** Of a server core of 2023; what a calibration starts from, and does not go far away from. */
export const TYPICAL_COEFFICIENTS: Coefficients = {
  calls: 90_000,
  blocks: 300,
  scanned: 0.5,
  gathered: 0.7,
  prefixed: 40,
  listed: 25,
  coded: 0.3,
  judged: 250,
  decided: 1,
  prepared: 200,
  compared: 2.5,
  graphCalls: 120_000,
  visited: 0.5,
}

export function nanosecondsOf(work: WorkCounts, coefficients: Coefficients): number {
  let sum = 0
  for (const kind of WORK_KINDS) sum += work[kind] * coefficients[kind]
  return sum
}
