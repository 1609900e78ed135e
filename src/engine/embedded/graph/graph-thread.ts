import { parentPort } from 'node:worker_threads'
import type { FromGraph, ToGraph } from './graph-messages.ts'
import { OwnGraphs } from './own-graphs.ts'

const port = parentPort!
const segments: WebAssembly.Memory[] = []
const graphs = new OwnGraphs(segments)

port.on('message', async (message: ToGraph) => {
  if (message.kind === 'end') process.exit()
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromGraph
  try {
    reply = { number, result: await graphs.run(task) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
})
