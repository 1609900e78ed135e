import type { GraphProto } from 'onnx-buf'

/** A prefix that no name in the graph has, also not where layers of that stem were added before. */
export function freePrefix(graph: GraphProto, stem: string): string {
  const taken = [
    ...graph.node.flatMap(({ input, output }) => [...input, ...output]),
    ...graph.initializer.map(({ name }) => name),
    ...graph.input.map(({ name }) => name),
  ]
  for (let i = 0; ; i++) {
    const prefix = i === 0 ? `${stem}/` : `${stem}${i}/`
    if (!taken.some((name) => name.startsWith(prefix))) return prefix
  }
}
