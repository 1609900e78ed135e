import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection on which a test says exactly what it wants, and when. */
export class RawClient {
  readonly socket: Socket
  #received = ''

  /** @param from the client's own address: all of 127.0.0.0/8 is this machine. */
  constructor(port: number, from = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from })
    this.socket.setEncoding('utf8')
    this.socket.on('data', (text) => {
      this.#received += text
    })
    // A server that closes while we still write resets the connection; what it said stays readable.
    this.socket.on('error', () => undefined)
  }

  send(data: string | Uint8Array): this {
    this.socket.write(data)
    return this
  }

  /** What the server said, once it contains `text`, or has ended. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text) && !this.socket.closed) {
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    }
    return this.#received
  }

  async ended(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close')
    return this.#received
  }
}

/** Head of a request. The connection ends with its answer unless a header says otherwise. */
export function head(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>> = {},
): string {
  const all = { host: '127.0.0.1', connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** Status and problem code of an answer as received. */
export function outcome(received: string): [status: number, code: string | undefined] {
  return [Number(received.split(' ', 2)[1]), /"code":"([A-Z_]+)"/.exec(received)?.[1]]
}
