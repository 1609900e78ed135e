import { parentPort } from 'node:worker_threads'
import type { GraphCalls } from '../../src/engine/embedded/graph/graph-thread.ts'
import type { ArgsOf, CallMessage, ToThread } from '../../src/threads/call-table.ts'

// The graph thread, but for two calls: a search for this many ends it, and after the first file none can be written.
const DEADLY = 333
const port = parentPort!
let saves = 0

function disturbed(message: ToThread): ToThread {
  if (message.type !== 'call') return message
  if (message.kind === 'search' && isDeadly(message)) process.exit(7)
  if (message.kind !== 'save' || saves++ === 0) return message
  const { graph, place } = message.args as ArgsOf<GraphCalls, 'save'>
  return { ...message, args: { graph, place: { ...place, folder: '/dev/null/graphs' } } }
}

function isDeadly({ args }: CallMessage): boolean {
  return (args as ArgsOf<GraphCalls, 'search'>).some(({ wanted }) => wanted >= DEADLY)
}

const on = port.on.bind(port)
port.on = ((event: 'message', listener: (message: ToThread) => void) =>
  on(event, (message: ToThread) => listener(disturbed(message)))) as typeof port.on
await import('../../src/engine/embedded/graph/graph-thread.js' as string)
