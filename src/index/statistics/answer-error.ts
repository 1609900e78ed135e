interface FoundObject {
  readonly id: string
  readonly distance: number
}

/** How far an approximate answer is off the exact one; 0 for the same answer. */
export interface AnswerError {
  /** Mean over the places of the answer of d / d' - 1, d' the exact distance there; null where all d' are 0. */
  readonly distance: number | null
  /** Mean over the objects of the answer of how many places too early each stands, divided by the objects searched. */
  readonly position: number
}

/**
 * Measures the relative error on distances and the error on position of one approximate k-NN answer (Zezula, Amato, Dohnal and
 * Batko, Similarity Search: The Metric Space Approach, 2006, on the performance of approximate search).
 *
 * @param approximate in order, not empty; distances of a metric.
 * @param exact all objects in order, at least as far as the last of `approximate`. An object that is
 * not among them is taken to come right after them.
 * @param searched how many objects there are.
 */
export function answerError(
  approximate: readonly FoundObject[],
  exact: readonly FoundObject[],
  searched: number,
): AnswerError {
  const places = new Map(exact.map(({ id }, place) => [id, place]))
  let relative = 0
  let compared = 0
  let early = 0
  approximate.forEach(({ id, distance }, place) => {
    early += (places.get(id) ?? exact.length) - place
    const wanted = exact[place]?.distance ?? 0
    if (wanted === 0) return
    relative += distance / wanted - 1
    compared++
  })
  return {
    distance: compared === 0 ? null : relative / compared,
    position: early / (approximate.length * searched),
  }
}
