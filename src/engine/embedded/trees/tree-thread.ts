import { parentPort } from 'node:worker_threads'
import type { RowBrowsing } from '../../../index/metric/row-browsing.ts'
import { KeptSearches } from '../../../index/scan/kept-searches.ts'
import { OwnTrees } from './own-trees.ts'
import type { FromTree, ToTree } from './tree-messages.ts'

const FORGET_EVERY_MS = 30_000
const port = parentPort!
const segments: WebAssembly.Memory[] = []
const kept = new KeptSearches<RowBrowsing>({ clock: () => performance.now() })
const trees = new OwnTrees(segments, kept)
// So that they do not wait for a search to be forgotten.
setInterval(() => kept.forgetOld(), FORGET_EVERY_MS).unref()

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
