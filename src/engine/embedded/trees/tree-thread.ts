import { parentPort } from 'node:worker_threads'
import type { ResumableTreeSearch } from '../../../index/metric/row-tree.ts'
import { ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { OwnTrees } from './own-trees.ts'
import type { FromTree, ToTree } from './tree-messages.ts'

const FORGET_EVERY_MS = 30_000
const port = parentPort!
const segments: WebAssembly.Memory[] = []
const resumable = new ResumableSearches<ResumableTreeSearch>(() => performance.now())
const trees = new OwnTrees(segments, resumable)
// So that they do not wait for a search to be forgotten.
setInterval(() => resumable.forgetOld(), FORGET_EVERY_MS).unref()

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
