/** Maps as Promise.all does, with at most `limit` calls under way at once. The first failure ends it. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lanes = Array.from({ length: Math.min(limit, items.length) }, async () => {
    while (next < items.length) {
      const i = next++
      try {
        results[i] = await map(items[i]!, i)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  })
  await Promise.all(lanes)
  return results
}
