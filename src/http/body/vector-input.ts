import { shown } from '../../errors.ts'
import { invalidRequest } from '../schema-check.ts'
import { fromBase64 } from './image-source.ts'

const BYTES_A_NUMBER = 4

/**
 * Reads the numbers of a vector as a request gives it: a list, or the base64 of little-endian float32.
 *
 * @throws INVALID_REQUEST for text that is no base64, or not of whole numbers.
 */
export function vectorNumbers(given: readonly number[] | string, at: string): Float64Array {
  if (typeof given !== 'string') {
    // A plain loop: the constructor takes an array for any iterable, at thirty times the cost.
    const numbers = new Float64Array(given.length)
    for (let i = 0; i < given.length; i++) numbers[i] = given[i]!
    return numbers
  }
  const bytes = fromBase64(given)
  if (bytes === null) {
    const got = shown(given)
    throw invalidRequest(
      `${at}: expected a list of numbers, or float32 numbers in base64, got ${got}`,
    )
  }
  if (bytes.byteLength % BYTES_A_NUMBER !== 0) {
    throw invalidRequest(
      `${at}: expected ${BYTES_A_NUMBER} bytes for each number, got ${bytes.byteLength} bytes`,
    )
  }
  // This costs a quarter of what Buffer's own reading does.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = new Float64Array(bytes.byteLength / BYTES_A_NUMBER)
  for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat32(i * BYTES_A_NUMBER, true)
  return numbers
}
