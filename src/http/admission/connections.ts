import type { Server } from 'node:http'
import { networkOf } from './caller.ts'
import { FairShare } from './fair-share.ts'

/** Beyond what the clients of one service open, and within the files that a process may have open. */
const MOST_CONNECTIONS = 4096

/** Bounds the connections, and those of one address to as many as are left for others. */
export function boundConnections(server: Server, mostConnections = MOST_CONNECTIONS): void {
  const share = new FairShare(mostConnections)
  server.on('connection', (socket) => {
    const network = networkOf(socket.remoteAddress ?? '')
    if (!share.take(network, 1)) {
      socket.destroy()
      return
    }
    socket.once('close', () => share.give(network, 1))
  })
}
