import assert from 'node:assert/strict'

/** Within rounding: 1e-12 unless told otherwise. */
export function assertClose(actual: number, expected: number, what: string, within = 1e-12): void {
  const difference = Math.abs(actual - expected)
  assert.ok(difference <= within, `${what}: expected ${expected}, got ${actual}`)
}
