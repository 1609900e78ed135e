/** Hamming distance of two fingerprints, digit by digit. */
export function differentBits(a: string, b: string): number {
  let bits = 0
  for (let i = 0; i < a.length; i++) {
    const different = Number.parseInt(a[i]!, 16) ^ Number.parseInt(b[i]!, 16)
    bits += different.toString(2).replaceAll('0', '').length
  }
  return bits
}
