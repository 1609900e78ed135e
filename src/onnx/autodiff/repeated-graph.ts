import { create } from '@bufbuild/protobuf'
import { GraphProtoSchema } from 'onnx-buf'
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
  const float = body.elementType('float')
  const sliced = ({ name, value: { type, dims } }: Port) =>
    valueInfo(name, body.elementType(type), [RUNS, ...dims])
  const scan = node(
    'Scan',
    [...carried.map(({ name }) => inside(name)), ...given.map(({ name }) => name)],
    [...carried.map(({ name }) => inside(afterAll(name))), ...made.map(({ name }) => name)],
    {
      body: body.graph(title, [...before, ...given], [...after, ...made]),
      num_scan_inputs: BigInt(given.length),
    },
  )
  // Costs nothing on the way in; on the way out a copy, once for all runs.
  const reshapes = (
    from: (name: string) => string,
    to: (name: string) => string,
    dims: 'in' | 'out',
  ) =>
    carried.map(({ name }) => node('Reshape', [from(name), `dims ${dims} of ${name}`], [to(name)]))
  const shapes = carried.flatMap(({ name, dims }, i) => [
    int64Tensor(`dims in of ${name}`, [before[i]!.value.dims.length], before[i]!.value.dims),
    int64Tensor(`dims out of ${name}`, [dims.length], dims),
  ])
  return modelBytes(
    create(GraphProtoSchema, {
      name: `${title}, repeated`,
      node: [
        ...reshapes((name) => name, inside, 'in'),
        scan,
        ...reshapes((name) => inside(afterAll(name)), afterAll, 'out'),
      ],
      initializer: shapes,
      input: [
        ...carried.map(({ name, dims }) => valueInfo(name, float, dims)),
        ...given.map(sliced),
      ],
      output: [
        ...carried.map(({ name, dims }) => valueInfo(afterAll(name), float, dims)),
        ...made.map(sliced),
      ],
    }),
  )
}

/** Names what is carried, in the shape that it has in the body. */
function inside(name: string): string {
  return `${name} inside`
}

/** The symbolic length of the first axes. */
const RUNS = 'runs'

function portOf(ports: readonly Port[], name: string): Port {
  const port = ports.find((other) => other.name === name)
  if (port === undefined) throw new RangeError(`the body has no input or output ${name}`)
  return port
}
