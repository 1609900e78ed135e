import { AppError } from '../errors.ts'

/**
 * Runs pieces of work one after the other, in the order in which they come. Where `most` are under way or wait, one more
 * is QUEUE_FULL, with a message that ends in `waiting`.
 */
export function oneAtATime(
  most: number,
  waiting: string,
): <T>(work: () => Promise<T>) => Promise<T> {
  let count = 0
  let last: Promise<unknown> = Promise.resolve()
  return async (work) => {
    if (count >= most) {
      throw new AppError('QUEUE_FULL', `${most} ${waiting}`, { retryAfterSeconds: 1 })
    }
    count++
    const before = last
    const done = (async () => {
      // What failed before is of no concern to this one.
      await before.catch(() => undefined)
      return await work()
    })()
    last = done
    try {
      return await done
    } finally {
      count--
    }
  }
}
