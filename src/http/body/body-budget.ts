import { AppError } from '../../errors.ts'

/** Takes bytes and gives their release, which works once. @throws QUEUE_FULL when they do not fit beside the others. */
export type BodyBudget = (bytes: number) => () => void

/** Counts the bytes of request bodies that are held in memory at once, over all requests. */
export function createBodyBudget(maxBytes: number): BodyBudget {
  let held = 0
  return (bytes) => {
    if (held + bytes > maxBytes) {
      throw new AppError(
        'QUEUE_FULL',
        `expected request bodies of at most ${maxBytes} bytes at once, ${held} are held and ${bytes} more came`,
        { retryAfterSeconds: 1 },
      )
    }
    held += bytes
    let released = false
    return () => {
      if (!released) held -= bytes
      released = true
    }
  }
}
