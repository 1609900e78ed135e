import { Agent, request } from 'node:http'

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** A client that leaves the machine to the service: it keeps its connections, and uses no fetch. */
export class HttpLoad {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  send(method: string, path: string, type: string, body: Uint8Array): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': type, 'content-length': body.byteLength }
      const call = request(this.#url + path, { method, headers, agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
        })
      })
      call.on('error', reject)
      call.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

export interface FormPart {
  readonly name: string
  readonly fileName?: string
  readonly bytes: Uint8Array
}

/** Makes a multipart body that can be sent any number of times. */
export function formOf(parts: readonly FormPart[]): { type: string; body: Buffer } {
  const boundary = 'lookalike-bench-boundary'
  const body = Buffer.concat([
    ...parts.flatMap(({ name, fileName, bytes }) => {
      const file = fileName === undefined ? '' : `; filename="${fileName}"`
      const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`
      return [Buffer.from(head), bytes, Buffer.from('\r\n')]
    }),
    Buffer.from(`--${boundary}--\r\n`),
  ])
  return { type: `multipart/form-data; boundary=${boundary}`, body }
}

/** Makes the form of a search by image. */
export function searchForm(image: Uint8Array, k: number): { type: string; body: Buffer } {
  return formOf([
    { name: 'request', bytes: Buffer.from(JSON.stringify({ query: {}, k })) },
    { name: 'image', fileName: 'query', bytes: image },
  ])
}
