// Where images of all classes lie within this share of where they began, nothing is left to tell
// them apart by; a training that works spreads them, or holds them.
const COLLAPSED_SHARE = 0.1
const ADVICE =
  'try fewer steps, or an objective that collapses less easily (multi-similarity, proxy-anchor)'

/**
 * Notices an embedding that sends every image to one place.
 * @param meanDistance that of the unit embeddings of the batch; `first`: that of the first step.
 * @returns what is wrong and what to try, or null.
 */
export function collapseAdvice(loss: number, meanDistance: number, first: number): string | null {
  if (!Number.isFinite(loss) || !Number.isFinite(meanDistance)) {
    return `the loss became ${loss}: ${ADVICE}`
  }
  if (meanDistance >= COLLAPSED_SHARE * first) return null
  const [before, now] = [first.toFixed(3), meanDistance.toFixed(3)]
  return `the embedding collapsed: the mean distance of images fell from ${before} to ${now}, with the loss at ${loss.toFixed(3)}: ${ADVICE}`
}
