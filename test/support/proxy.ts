import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/**
 * Stands before a service and passes everything on, but for what `step` answers itself (true) or
 * holds up (its promise).
 */
export async function startProxy(
  t: TestContext,
  serviceUrl: string,
  step: (call: IncomingMessage, response: ServerResponse) => Promise<boolean>,
): Promise<string> {
  const server = createServer(async (call, response) => {
    if (await step(call, response)) return
    const target = new URL(call.url ?? '/', serviceUrl)
    const { method, headers } = call
    const onward = request(target, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    call.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
