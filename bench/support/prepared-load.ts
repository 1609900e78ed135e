import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { quantile } from './report.ts'

/** Makes the bytes of a request as they go over the wire. */
export function preparedPost(url: string, path: string, body: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/json`
  return Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

export interface PreparedLoad {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Sends every request `rounds` times over connections that are kept, one at a time on each. The bytes are made before,
 * since a load generator should take little of the cores that it shares with the service.
 *
 * @param onBody is called with the body of each answer.
 */
export async function preparedLoad(
  url: string,
  requests: readonly Buffer[],
  { connections, rounds }: { readonly connections: number; readonly rounds: number },
  onBody: (request: number, body: string) => void = () => undefined,
): Promise<PreparedLoad> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(url)))
  const count = requests.length * rounds
  const times: number[] = []
  let next = 0
  const started = performance.now()
  try {
    await Promise.all(
      sockets.map(async (socket) => {
        while (next < count) {
          const request = next++ % requests.length
          const before = performance.now()
          onBody(request, await answered(socket, requests[request]!))
          times.push(performance.now() - before)
        }
      }),
    )
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const seconds = (performance.now() - started) / 1000
  return { perSecond: count / seconds, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) }
}

async function opened(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** Sends a request and resolves to the body of its answer, which must give its length in its head. */
function answered(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const ended = () => reject(new Error('the service closed the connection'))
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const head = text.indexOf('\r\n\r\n') + 4
      if (head < 4) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
      if (text.length < head + length) return
      socket.off('data', take).off('close', ended).off('error', reject)
      if (text.startsWith('HTTP/1.1 200')) resolve(text.slice(head))
      else reject(new Error(text))
    }
    socket.on('data', take).on('close', ended).on('error', reject)
    socket.write(request)
  })
}
