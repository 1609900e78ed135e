/** Red, green and blue, each of 0 to 255. */
export type Colour = readonly [number, number, number]

/** What people see of linear red, green and blue, row after row (Machado, Oliveira and Fernandes 2009, table of severity 1). */
export const VISIONS = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  'no red': [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  'no green': [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  'no blue': [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
}

function linear(colour: Colour): number[] {
  return colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
}

/** The contrast of WCAG 2: 1 to 21. */
export function contrast(a: Colour, b: Colour): number {
  const [light, dark] = [a, b]
    .map((colour) => {
      const [red, green, blue] = linear(colour) as [number, number, number]
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    })
    .sort((one, other) => other - one)
  return light! / dark!
}

/** How far the two most alike of some colours are apart, by CIE 1976. */
export function leastDifference(
  colours: readonly Colour[],
  vision: (typeof VISIONS)[keyof typeof VISIONS],
): number {
  const seen = colours.map((colour) => {
    const parts = linear(colour)
    const mixed = [0, 3, 6].map((row) => {
      const sum = parts.reduce((total, part, i) => total + vision[row + i]! * part, 0)
      return Math.min(1, Math.max(0, sum))
    })
    return labOf(mixed as [number, number, number])
  })
  const differences = seen.flatMap((a, i) => {
    return seen.slice(0, i).map((b) => Math.hypot(...a.map((part, k) => part - b[k]!)))
  })
  return Math.min(...differences)
}

function labOf([red, green, blue]: [number, number, number]): number[] {
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
  const y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
  const z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
