/** Waits for all work that was begun, also after a failure. @throws the first failure in the order of the work. */
export async function allEnded<T>(begun: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(begun)
  return await Promise.all(begun)
}
