import { GraphBuilder, type Value } from './graph-builder.ts'

// Numbers of a block. Above, the dozen that an optimiser works with leave a cache of 2 MiB; below,
// starting a node costs more than its work.
const MOST = 32_768
const FEWEST = 4096

/**
 * Finds the shape that a tensor of `size` numbers is kept in, so that work on its elements can be
 * done block by block: [blocks, numbers]; one block where the size has no fitting divisor.
 */
export function blockDims(size: number): [blocks: number, numbers: number] {
  for (let blocks = Math.ceil(size / MOST); size / blocks >= FEWEST; blocks++) {
    if (size % blocks === 0) return [blocks, size / blocks]
  }
  return [1, size]
}

/**
 * Works on the elements of tensors of one shape [blocks, numbers], block by block, by the operator
 * Scan: a large tensor costs one way through memory, and not one for each operation.
 * @param make is given [numbers] of each operand, or the operands themselves where there is one
 * block; combines them among themselves and with scalars. An operation belongs to the graph of its
 * first operand, which therefore has to be a block wherever one takes part.
 * @returns what it makes, in the shape of the operands. No gradient flows.
 */
export function inBlocks(
  operands: readonly Value[],
  make: (blocks: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const { graph, dims } = operands[0]!
  if (dims[0] === 1) return make(operands)
  const body = new GraphBuilder({ precision: graph.precision, prefix: `${graph.place}/block/` })
  const results = make(operands.map((_, i) => body.input(`${i}`, dims.slice(1))))
  for (const result of results) body.expose(result)
  const shapes = results.map(() => dims)
  return graph.emitSeveral('Scan', operands, shapes, {
    body: body.graph(`${graph.place}/block`, body.inputs, body.outputs),
    num_scan_inputs: BigInt(operands.length),
  })
}
