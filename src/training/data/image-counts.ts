/** What can become of an image, in the order in which it is told, each with its words. */
const OUTCOMES = {
  added: 'added',
  embedded: 'embedded',
  skipped: 'skipped',
  refused: 'refused',
  replaced: 'replaced',
  updated: 'metadata updated',
  leftOut: 'left out',
} as const

type Outcome = keyof typeof OUTCOMES

/** How many images had each outcome. What is left out is no image, and counts beside them. */
export type ImageCounts = Readonly<Partial<Record<Outcome, number>>>

/** Writes the counts in words. @param always the outcomes that are told of no image too. */
export function countsText(counts: ImageCounts, always: readonly Outcome[] = []): string {
  return (Object.keys(OUTCOMES) as Outcome[])
    .filter((outcome) => (counts[outcome] ?? 0) > 0 || always.includes(outcome))
    .map((outcome) => `${counts[outcome] ?? 0} ${OUTCOMES[outcome]}`)
    .join(', ')
}

/** Counts the images whose outcome is known. */
export function imagesDone({ leftOut: _, ...counts }: ImageCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
