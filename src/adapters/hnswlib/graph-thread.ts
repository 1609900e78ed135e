import { parentPort } from 'node:worker_threads'
import { rowSlot } from '../../kernels/vector-rows.ts'
import type { FromGraph, GraphTask, ToGraph } from './graph-messages.ts'
import { Hnsw } from './hnsw.ts'

/** Insertions go on this long before those who search get their turn. */
const TURN_MS = 4

const port = parentPort!
const segments: WebAssembly.Memory[] = []
const graphs = new Map<number, Hnsw>()

async function run(task: GraphTask): Promise<Float64Array | null> {
  switch (task.kind) {
    case 'create':
      graphs.set(task.graph, new Hnsw(task.dimensions))
      return null
    case 'add':
      await add(task)
      return null
    case 'remove':
      for (const key of task.keys) known(task.graph).remove(key)
      return null
    case 'search':
      return known(task.graph).search(task.vector, task.wanted, task.ef)
    case 'drop':
      graphs.delete(task.graph)
      return null
  }
}

async function add({ graph, rows, numbers, keys }: GraphTask & { kind: 'add' }): Promise<void> {
  let turnEnds = performance.now() + TURN_MS
  for (const [i, row] of numbers.entries()) {
    if (performance.now() > turnEnds) {
      await new Promise(setImmediate)
      turnEnds = performance.now() + TURN_MS
    }
    known(graph).add(keys[i]!, rowSlot(segments, rows, row))
  }
}

function known(number: number): Hnsw {
  const graph = graphs.get(number)
  if (graph === undefined) throw new Error(`there is no graph ${number}`)
  return graph
}

port.on('message', async (message: ToGraph) => {
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromGraph
  try {
    reply = { number, found: await run(task) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
})
