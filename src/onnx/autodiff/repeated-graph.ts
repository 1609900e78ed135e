import { create } from '@bufbuild/protobuf'
import { GraphProtoSchema } from 'onnx-buf'
import { node, valueInfo } from '../parts.ts'
import { type GraphBuilder, modelBytes, type Port } from './graph-builder.ts'

/** What a run hands to the next: the body's output `next` becomes its input `name`. */
export interface Carried {
  readonly name: string
  readonly next: string
}

/** The output of the repeated graph that carries what the last run hands on. */
export function afterAll(name: string): string {
  return `${name} after all`
}

/**
 * The ONNX file of a graph that runs `body` again and again, by the operator Scan. Its inputs and
 * outputs are those of the body with a first axis more, a slice for each run; what is carried has
 * none: it comes in before the first run and goes out after the last (`afterAll`), and stays inside
 * the runtime meanwhile. A caller that carried it from run to run itself would pay for copies.
 * @param body made with a prefix.
 */
export function buildRepeated(
  body: GraphBuilder,
  title: string,
  carried: readonly Carried[],
): Uint8Array<ArrayBuffer> {
  const carriedIn = carried.map(({ name }) => portOf(body.inputs, name))
  const carriedOut = carried.map(({ next }) => portOf(body.outputs, next))
  const slicedIn = body.inputs.filter((port) => !carriedIn.includes(port))
  const slicedOut = body.outputs.filter((port) => !carriedOut.includes(port))
  const info = (name: string, { value }: Port, axes: readonly string[]) =>
    valueInfo(name, body.elementType(value.type), [...axes, ...value.dims])
  const input = [
    ...carriedIn.map((port) => info(port.name, port, [])),
    ...slicedIn.map((port) => info(port.name, port, [RUNS])),
  ]
  const output = [
    ...carriedOut.map((port, i) => info(afterAll(carried[i]!.name), port, [])),
    ...slicedOut.map((port) => info(port.name, port, [RUNS])),
  ]
  const names = (infos: readonly { readonly name: string }[]) => infos.map(({ name }) => name)
  const scan = node('Scan', names(input), names(output), {
    body: body.graph(title, [...carriedIn, ...slicedIn], [...carriedOut, ...slicedOut]),
    num_scan_inputs: BigInt(slicedIn.length),
  })
  return modelBytes(
    create(GraphProtoSchema, { name: `${title}, repeated`, node: [scan], input, output }),
  )
}

/** The symbolic length of the first axes. */
const RUNS = 'runs'

function portOf(ports: readonly Port[], name: string): Port {
  const port = ports.find((other) => other.name === name)
  if (port === undefined) throw new RangeError(`the body has no input or output ${name}`)
  return port
}
