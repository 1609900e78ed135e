import { parentPort } from 'node:worker_threads'
import { OwnTrees } from './own-trees.ts'
import type { FromTree, ToTree } from './tree-messages.ts'

const port = parentPort!
const segments: WebAssembly.Memory[] = []
const trees = new OwnTrees(segments)

port.on('message', async (message: ToTree) => {
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromTree
  try {
    reply = { number, ...(await trees.run(task)) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
})
