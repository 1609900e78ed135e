import { AppError } from '../errors.ts'

/**
 * Admits work of which at most `most` pieces may be under way or wait at once. One more is QUEUE_FULL, with a message that
 * ends in `waiting`.
 */
export function admission(
  most: number,
  waiting: string,
): <T>(work: () => Promise<T>) => Promise<T> {
  let underWay = 0
  return async (work) => {
    if (underWay >= most) {
      throw new AppError('QUEUE_FULL', `${most} ${waiting}`, { retryAfterSeconds: 1 })
    }
    underWay++
    try {
      return await work()
    } finally {
      underWay--
    }
  }
}
