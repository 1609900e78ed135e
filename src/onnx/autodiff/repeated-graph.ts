import { modelBytes } from '../model-file.ts'
import { int64Tensor, node, valueInfo } from '../parts.ts'
import type { GraphBuilder, Port } from './graph-builder.ts'

/** A tensor that a run hands to the next: the body's output `next` becomes its input `name`. */
export interface Carried {
  readonly name: string
  readonly next: string
  /** The shape outside, of as many numbers as in the body. */
  readonly dims: readonly number[]
}

/** Names the output of the repeated graph that carries what the last run hands on. */
export function afterAll(name: string): string {
  return `${name} after all`
}

/**
 * Builds the ONNX file of a graph that runs `body` again and again, by the operator Scan. Its inputs
 * and outputs are those of the body with a first axis more, a slice for each run; what is carried has
 * none: it comes in before the first run and goes out after the last (`afterAll`), and stays inside
 * the runtime meanwhile. A caller that carried it from run to run itself would pay for copies.
 * @param body made with a prefix.
 */
export function buildRepeated(
  body: GraphBuilder,
  title: string,
  carried: readonly Carried[],
): Uint8Array<ArrayBuffer> {
  const before = carried.map(({ name }) => portOf(body.inputs, name))
  const after = carried.map(({ next }) => portOf(body.outputs, next))
  const given = body.inputs.filter((port) => !before.includes(port))
  const made = body.outputs.filter((port) => !after.includes(port))
  const sliced = ({ name, value: { type, dims } }: Port) =>
    valueInfo(name, body.elementType(type), ['runs', ...dims])
  const whole = (name: string, dims: readonly number[]) =>
    valueInfo(name, body.elementType('float'), dims)
  // What is carried has the shape of the body inside.
  const inside = (name: string) => `${name} inside`
  const shape = (name: string, dims: readonly number[]) => int64Tensor(name, [dims.length], dims)
  const reshape = (from: string, dims: string, to: string) => node('Reshape', [from, dims], [to])
  const scan = node(
    'Scan',
    [...carried.map(({ name }) => inside(name)), ...given.map(({ name }) => name)],
    [...carried.map(({ name }) => inside(afterAll(name))), ...made.map(({ name }) => name)],
    {
      body: body.graph(title, [...before, ...given], [...after, ...made]),
      num_scan_inputs: BigInt(given.length),
    },
  )
  return modelBytes({
    name: `${title}, repeated`,
    // Reshape costs nothing on the way in; on the way out a copy, once for all runs.
    node: [
      ...carried.map(({ name }) => reshape(name, `dims in of ${name}`, inside(name))),
      scan,
      ...carried.map(({ name }) => {
        return reshape(inside(afterAll(name)), `dims out of ${name}`, afterAll(name))
      }),
    ],
    initializer: carried.flatMap(({ name, dims }, i) => [
      shape(`dims in of ${name}`, before[i]!.value.dims),
      shape(`dims out of ${name}`, dims),
    ]),
    input: [...carried.map(({ name, dims }) => whole(name, dims)), ...given.map(sliced)],
    output: [...carried.map(({ name, dims }) => whole(afterAll(name), dims)), ...made.map(sliced)],
  })
}

function portOf(ports: readonly Port[], name: string): Port {
  const port = ports.find((other) => other.name === name)
  if (port === undefined) throw new RangeError(`the body has no input or output ${name}`)
  return port
}
