import type { Value } from '../api/contract.ts'
import type { MapField } from './map-data.ts'

/** The colours of points by their class, as CSS has them. */
export type Palette = readonly string[]

/** One line of the legend. */
export interface LegendEntry {
  readonly kind: 'value' | 'number' | 'other' | 'none'
  readonly value: Value | null
  /** The class of its points. */
  readonly colour: number
  readonly count: number
}

export interface Coloured {
  /** The class of each point: its place in the palette. */
  readonly classes: Uint8Array
  readonly legend: readonly LegendEntry[]
}

/** The classes that every palette begins with: of points that stand back, without a value, of another value. */
export const FAINT = 0
const NONE = 1
const OTHER = 2
const FIRST = 3
/** Points of this class are not drawn. */
export const HIDDEN = 255

/**
 * Six colours that differ from each other and from the grey of other values by 31 or more (CIE 1976), as everybody sees them and as
 * people do who are blind to red, green or blue (Machado, Oliveira and Fernandes 2009); and from the ground by a contrast of 3.1 or more. They
 * were found by random changes, from the palette of Okabe and Ito (2008), in which some differ by 16 and stand out less from light ground.
 */
const VALUES = {
  light: ['#5519de', '#ab9000', '#21a662', '#c93ecc', '#720a2e', '#5e006e'],
  dark: ['#7bb2ff', '#d37a00', '#127946', '#ffe6ff', '#b2ff00', '#0aff7c'],
}
/**
 * Of points that stand back, of no value, and of other values. The latter two differ by 10 to 15 only: of tinted greys in steps of four,
 * those that differ from the six colours and from the ground nearly as much as these do differ from each other by 12 at most.
 */
const STANDING_BACK = {
  light: ['#dcdfe4', '#8f8f8f', '#7a8290'],
  dark: ['#343942', '#6a7079', '#8d95a3'],
}
/** The half of viridis (Smith and van der Walt, 2015) that stands out from the ground, from the least number to the largest. */
const RAMP = {
  light: ['#21918c', '#3b528b', '#440154'],
  dark: ['#21918c', '#5ec962', '#fde725'],
}
const RAMP_STEPS = 24
const SHOWN_STEPS = 6

export type Theme = 'light' | 'dark'

export function paletteOf(field: MapField | null, theme: Theme): Palette {
  const first = STANDING_BACK[theme]
  if (field?.kind !== 'numbers') return [...first, ...VALUES[theme]]
  return [...first, ...Array.from({ length: RAMP_STEPS }, (_, i) => rampColour(theme, i))]
}

/**
 * Gives each point the class of its value; all the same one where there is no field.
 * @param hidden points that are not shown, and not counted.
 */
export function colourBy(
  field: MapField | null,
  count: number,
  hidden: readonly number[],
): Coloured {
  if (field === null) {
    return { classes: without(hidden, new Uint8Array(count).fill(FIRST)), legend: [] }
  }
  if (field.kind === 'numbers') return colourByNumber(field.numbers, hidden)
  const { values, places } = field
  const shown = values.slice(0, VALUES.light.length)
  const classes = Uint8Array.from(places, (place) => {
    if (place === 0) return NONE
    return place <= shown.length ? FIRST + place - 1 : OTHER
  })
  without(hidden, classes)
  const counts = countsOf(classes)
  const entries: LegendEntry[] = shown.map((value, i) => {
    return { kind: 'value', value, colour: FIRST + i, count: counts[FIRST + i]! }
  })
  return { classes, legend: [...entries, ...restOf(counts)] }
}

function colourByNumber(numbers: Float32Array, hidden: readonly number[]): Coloured {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const number of numbers) {
    // A number that is too large for 32 bits is infinite here.
    if (!Number.isFinite(number)) continue
    if (number < least) least = number
    if (number > most) most = number
  }
  if (least > most) [least, most] = [0, 0]
  const step = (most - least) / RAMP_STEPS || 1
  const classes = Uint8Array.from(numbers, (number) => {
    if (Number.isNaN(number)) return NONE
    const at = Math.floor((number - least) / step)
    return FIRST + Math.max(0, Math.min(RAMP_STEPS - 1, at))
  })
  without(hidden, classes)
  const counts = countsOf(classes)
  const each = RAMP_STEPS / SHOWN_STEPS
  const entries: LegendEntry[] = Array.from({ length: SHOWN_STEPS }, (_, i) => {
    const from = FIRST + i * each
    const count = counts.slice(from, from + each).reduce((sum, some) => sum + some, 0)
    return { kind: 'number', value: least + i * each * step, colour: from, count }
  })
  return { classes, legend: [...entries, ...restOf(counts)] }
}

/** Tells whether a point of a class belongs to an entry of the legend: an entry of numbers has several classes. */
export function belongsTo({ kind, colour }: LegendEntry, pointClass: number): boolean {
  if (kind !== 'number') return pointClass === colour
  return pointClass >= colour && pointClass < colour + RAMP_STEPS / SHOWN_STEPS
}

function without(hidden: readonly number[], classes: Uint8Array): Uint8Array {
  for (const i of hidden) classes[i] = HIDDEN
  return classes
}

function restOf(counts: Uint32Array): LegendEntry[] {
  const rest: LegendEntry[] = [
    { kind: 'other', value: null, colour: OTHER, count: counts[OTHER]! },
    { kind: 'none', value: null, colour: NONE, count: counts[NONE]! },
  ]
  return rest.filter(({ count }) => count > 0)
}

function countsOf(classes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256)
  for (const one of classes) counts[one]!++
  return counts
}

function rampColour(theme: Theme, step: number): string {
  const stops = RAMP[theme].map(partsOf)
  const at = (step / (RAMP_STEPS - 1)) * (stops.length - 1)
  const before = Math.min(Math.floor(at), stops.length - 2)
  const parts = stops[before]!.map((part, i) => {
    return Math.round(part + (stops[before + 1]![i]! - part) * (at - before))
  })
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** Red, green and blue of `#rrggbb`. */
export function partsOf(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
