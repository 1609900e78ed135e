import { type GraphProto, type NodeProto, TensorProto_DataType } from 'onnx-buf'
import { LayerChain } from './layer-chain.ts'
import { readOnnx, standardOpset, writeOnnx } from './model-file.ts'
import { declaredTensor, freePrefix, valueInfo } from './parts.ts'

/** A feature map [batch, channels, height, width] inside a graph. */
export interface InnerMap {
  readonly name: string
  readonly channels: number
}

/** Operators as we write them are the same from this version on. */
const OLDEST_OPSET = 7
const { FLOAT } = TensorProto_DataType
const GLOBAL_POOLS = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean', 'ReduceMax'])
/** The name of what `addInnerRows` puts last, behind the prefix. */
export const INNER_ROWS = 'inner rows'

/**
 * Finds the maps between the blocks of a convolutional network: what a 1 x 1 convolution makes more
 * channels of, for each number of channels the last such map. What is made of global means alone, such as
 * gates of channels, is no map. A quantised graph is read through its DequantizeLinear. None are found in a graph without such convolutions.
 */
export function innerMaps({ node: nodes, initializer }: GraphProto): readonly InnerMap[] {
  const shapes = new Map(initializer.map(({ name, dims }) => [name, dims.map(Number)]))
  const makers = new Map<string, NodeProto>()
  for (const node of nodes) for (const output of node.output) makers.set(output, node)
  const shapeOf = (name = ''): readonly number[] => {
    const maker = makers.get(name)
    const kept = maker?.opType === 'DequantizeLinear' ? maker.input[0] : name
    return shapes.get(kept ?? '') ?? []
  }
  const pooled = pooledNames(nodes, shapes)
  const last = new Map<number, string>()
  for (const { opType, input, attribute } of nodes) {
    if (opType !== 'Conv' || pooled.has(input[0]!)) continue
    const groups = Number(attribute.find(({ name }) => name === 'group')?.i ?? 1n)
    const [outputs = 0, ofGroup = 0, ...kernel] = shapeOf(input[1])
    const channels = groups * ofGroup
    const isPointwise = kernel.length === 2 && kernel.every((side) => side === 1)
    if (isPointwise && outputs > channels) last.set(channels, input[0]!)
  }
  return [...last].map(([channels, name]) => ({ name, channels }))
}

/** Gives the names of what is made of global pools and weights alone; nodes stand in their order. */
function pooledNames(
  nodes: readonly NodeProto[],
  weights: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  const pooled = new Set<string>()
  const fixed = new Set(['', ...weights.keys()])
  for (const { opType, input, output } of nodes) {
    const own = input.filter((name) => !fixed.has(name))
    const isPooled = GLOBAL_POOLS.has(opType) || own.every((name) => pooled.has(name))
    const to = own.length === 0 ? fixed : isPooled ? pooled : null
    for (const name of output) to?.add(name)
  }
  return pooled
}

/**
 * Puts beside unit features, for each inner map, the means of its channels and the roots of the means of
 * their squares, each as a unit row, and makes the whole a unit row.
 * @param features the name of [batch, n].
 * @returns the name of the result.
 */
export function addInnerRows(
  graph: GraphProto,
  features: string,
  prefix: string,
  maps: readonly InnerMap[],
): string {
  const rows = maps.flatMap(({ name }, i) => {
    const map = new LayerChain(graph, name, prefix)
    map.add('Cast', `map ${i}`, { to: BigInt(FLOAT) })
    const means = new LayerChain(graph, map.last, prefix)
    means.add('GlobalAveragePool', `means ${i}`)
    means.add('Flatten', `flat means ${i}`, { axis: 1n })
    means.addUnit(`unit means ${i}`)
    map.add('Mul', `squares ${i}`, {}, [map.last])
    map.add('GlobalAveragePool', `mean squares ${i}`)
    map.add('Sqrt', `roots ${i}`)
    map.add('Flatten', `flat roots ${i}`, { axis: 1n })
    map.addUnit(`unit roots ${i}`)
    return [means.last, map.last]
  })
  const all = new LayerChain(graph, features, prefix)
  all.add('Concat', 'beside', { axis: 1n }, rows)
  all.addUnit(INNER_ROWS)
  return all.last
}

/** Counts the numbers of a row of `addInnerRows`. */
function innerDimensions(dimensions: number, maps: readonly InnerMap[]): number {
  return maps.reduce((sum, { channels }) => sum + 2 * channels, dimensions)
}

/**
 * Makes of a model one that gives its unit output with its inner maps beside it, see `addInnerRows`.
 * @returns null where no inner maps are found, or the operator set is too old.
 * @throws ONNX_INVALID for bytes that are no model.
 */
export function addInnerOutput(
  model: Uint8Array,
  output: { readonly name: string; readonly dimensions: number },
) {
  const parsed = readOnnx(model)
  const { graph } = parsed
  const maps = innerMaps(graph)
  if (maps.length === 0 || standardOpset(parsed) < OLDEST_OPSET) return null
  const prefix = freePrefix(graph, 'inner')
  const features = new LayerChain(graph, output.name, prefix)
  features.add('Cast', 'float', { to: BigInt(FLOAT) })
  features.add('Flatten', 'flat', { axis: 1n })
  features.addUnit('features')
  const name = addInnerRows(graph, features.last, prefix, maps)
  const dimensions = innerDimensions(output.dimensions, maps)
  const [input] = graph.input
  const fixedBatch = input !== undefined && declaredTensor(input)?.dims?.[0] === 1
  graph.output = [valueInfo(name, FLOAT, [fixedBatch ? 1 : 'batch', dimensions])]
  // Shapes noted for inner values may hold an old batch; onnxruntime infers them again.
  graph.valueInfo = []
  return { bytes: writeOnnx(parsed), output: { name, dimensions } }
}
