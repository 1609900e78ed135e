import assert from 'node:assert/strict'
import { AppError, type ErrorCode } from '../../src/errors.ts'

/** For `assert.rejects` and `assert.throws`: an AppError with this code that says these words. */
export function failsWith(code: ErrorCode, ...words: readonly (string | RegExp)[]) {
  return (error: unknown): true => {
    assert.ok(error instanceof AppError, `expected an AppError, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    for (const word of words) {
      const said =
        typeof word === 'string' ? error.message.includes(word) : word.test(error.message)
      assert.ok(said, `expected ${String(word)} in: ${error.message}`)
    }
    return true
  }
}
