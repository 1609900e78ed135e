import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { boundConnections } from '../../src/http/admission/connections.ts'
import { head, RawClient } from '../support/raw-http.ts'

async function serve(t: TestContext, mostConnections: number): Promise<number> {
  const server = createServer((_request, response) => response.end('served'))
  boundConnections(server, mostConnections)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

const keep = head('GET', '/', { connection: 'keep-alive' })

test('one address has half of the connections, another finds room, and what closed is free', async (t) => {
  const port = await serve(t, 8)
  const clients = Array.from({ length: 4 }, () => new RawClient(port, '127.0.0.2').send(keep))
  for (const client of clients) assert.match(await client.until('served'), /served/)
  assert.equal(await new RawClient(port, '127.0.0.2').send(keep).ended(), '')
  const other = new RawClient(port, '127.0.0.3').send(head('GET', '/'))
  assert.match(await other.ended(), /served/)
  clients[0]!.socket.destroy()
  await clients[0]!.ended()
  let answer = ''
  while (answer === '') {
    answer = await new RawClient(port, '127.0.0.2').send(head('GET', '/')).ended()
  }
  assert.match(answer, /served/)
})
