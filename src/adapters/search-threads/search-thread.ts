import { parentPort, workerData } from 'node:worker_threads'
import { FlatScan } from '../../index/flat-scan.ts'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'

const { module, thread } = workerData as ThreadData
const port = parentPort!
const scan = new FlatScan(module, thread)

port.on('message', (message: ToThread) => {
  if (message.kind === 'segment') {
    scan.addSegment(message.memory)
    return
  }
  const { task, rows, space, query, range } = message
  let reply: FromThread
  try {
    reply = { task, answer: scan.search(rows, space, query, range) }
  } catch (error) {
    reply = {
      task,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
  const moved = 'answer' in reply ? [reply.answer.rows.buffer, reply.answer.distances.buffer] : []
  port.postMessage(reply, moved as ArrayBuffer[])
})
