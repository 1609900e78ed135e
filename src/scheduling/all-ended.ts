/** Waits for all work that was begun, also after a failure. @throws the first failure in the order of the work. */
export async function allEnded<const T extends readonly Promise<unknown>[]>(
  begun: T,
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(begun)
  return await Promise.all(begun)
}
