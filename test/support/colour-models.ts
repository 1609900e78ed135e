import { mkdirSync } from 'node:fs'
import sharp from 'sharp'
import { floatTensor, node } from '../../src/onnx/parts.ts'
import { tinyDescription, tinyModel, writeBundle } from './tiny-model.ts'

export type Colour = readonly [red: number, green: number, blue: number]

/** What each model of `writeColourModels` makes of a picture of one colour, before its length becomes 1. */
const FORMULAS: Readonly<Record<string, (colour: Colour) => number[]>> = {
  roots: (colour) => colour.map(Math.sqrt),
  weighed: ([red, green, blue]) => [2 * red, -3 * green, 0.5 * blue],
  both: (colour) => [...colour, ...colour.map(Math.sqrt)],
}

/** Three models of 3, 3 and 6 dimensions: `roots`, `weighed` and `both`. */
export async function writeColourModels(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const describe = (name: string, dimensions: number) => ({
    ...tinyDescription,
    name,
    input: { ...tinyDescription.input, mean: [0, 0, 0] },
    output: { ...tinyDescription.output, dimensions },
  })
  await writeBundle(folder, tinyModel(), describe('roots', 3))
  const weighed = tinyModel({
    tail: [node('Mul', ['mean', 'weights'], ['embedding'])],
    initialisers: [floatTensor('weights', [3], [2, -3, 0.5])],
  })
  await writeBundle(folder, weighed, describe('weighed', 3))
  const both = tinyModel({
    outputDims: ['n', 6],
    tail: [
      node('Sqrt', ['mean'], ['roots']),
      node('Concat', ['mean', 'roots'], ['embedding'], { axis: 1n }),
    ],
  })
  await writeBundle(folder, both, describe('both', 6))
  return folder
}

/** By the formula, in float64. */
export function vectorOfColour(model: string, colour: Colour): number[] {
  const values = FORMULAS[model]!(colour)
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

/** A PNG of one colour. */
export async function pngOf([r, g, b]: Colour): Promise<Buffer> {
  const background = { r, g, b }
  return await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer()
}

/** The n-th of many colours, none of them near another. */
export function colour(n: number): Colour {
  return [20 + ((n * 67) % 229), 20 + ((n * 101) % 233), 20 + ((n * 37) % 199)]
}
