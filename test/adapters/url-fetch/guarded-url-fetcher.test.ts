import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  type GuardedFetchOptions,
  guardedUrlFetcher,
} from '../../../src/adapters/url-fetch/guarded-url-fetcher.ts'
import type { UrlFetcher } from '../../../src/collection/url-fetcher.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { failsWith } from '../../support/errors.ts'

const BODY = Buffer.from('the bytes of an image')

interface Served {
  readonly port: number
  readonly requests: IncomingMessage[]
}

async function serve(t: TestContext, answer: RequestListener, host = '127.0.0.1'): Promise<Served> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, requests }
}

const image: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'image/png').end(BODY)
}

/** A fetcher for which 127.0.0.1 and the port are public, and every name leads there. */
function fetcher(port: number, options: Partial<GuardedFetchOptions> = {}): UrlFetcher {
  return guardedUrlFetcher({
    maxBytes: 1000,
    ports: [port],
    resolve: async () => ['127.0.0.1'],
    isAllowed: (address) => address === '127.0.0.1',
    ...options,
  })
}

test('an image is fetched by name and by address', async (t) => {
  const { port, requests } = await serve(t, image)
  for (const host of ['pictures.example', '127.0.0.1']) {
    assert.deepEqual(await fetcher(port).fetch(`http://${host}:${port}/a.png?b=c`), BODY)
  }
  assert.equal(requests[0]?.url, '/a.png?b=c')
})

test('nothing of the caller or this machine goes along', async (t) => {
  const { port, requests } = await serve(t, image)
  process.env.HTTP_PROXY = `http://127.0.0.1:${port + 1}`
  t.after(() => delete process.env.HTTP_PROXY)
  await fetcher(port).fetch(`http://pictures.example:${port}/`)
  assert.deepEqual(requests[0]?.headers, {
    accept: 'image/*',
    'accept-encoding': 'identity',
    'user-agent': 'lookalike',
    host: `pictures.example:${port}`,
    connection: 'close',
  })
})

/** Ways past a guard that looks at the text of a URL as it is written. */
const REFUSED_TEXTS = [
  ...['http://2130706433/', 'http://0x7f000001/', 'http://017700000001/', 'http://0177.0.0.1/'],
  ...['http://0x7f.0.0.1/', 'http://127.1/', 'http://127.0.1/', 'http://0/', 'http://0.0.0.0/'],
  ...[
    'http://1.1.1.1@127.0.0.1/',
    'http://127.0.0.1#@example.com/',
    'http://127.0.0.1?.example.com',
  ],
  ...['http://example.com@127.0.0.1/', 'http://user:pass@example.com/', 'http://user@example.com/'],
  ...[
    'http://%31%32%37.0.0.1/',
    'http://127%2e0%2e0%2e1/',
    'http://１２７.０.０.１/',
    'http://①②⑦.0.0.1/',
  ],
  ...['http://127。0。0。1/', 'http://127．0．0．1/', 'http://127｡0｡0｡1/', 'http://127.0.0.1./'],
  ...['http://[::1]/', 'http://[::]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/'],
  ...['http://[::127.0.0.1]/', 'http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/'],
  ...[
    'http://[2001:0:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fe80::1%25eth0]/',
    'http://[fd00::1]/',
  ],
  ...['http://[::1%25lo]/', 'http://[0:0:0:0:0:ffff:a9fe:a9fe]/', 'http://169.254.169.254/latest/'],
  ...['http://10.0.0.1/', 'http://192.168.0.1/', 'http://172.16.0.1/', 'http://100.100.100.200/'],
  ...['http://localhost/', 'http://LOCALHOST/', 'http://localhost./', 'http://a.localhost/'],
  ...[
    'http://intranet/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://x.onion/',
  ],
  ...[
    'http://ⓛocalhost/',
    'http://example.com./',
    'http://example.com:22/',
    'http://example.com:8080/',
  ],
  ...[
    'https://example.com:80443/',
    'http://example.com:0/',
    'file:///etc/passwd',
    'gopher://example.com/',
  ],
  ...[
    'ftp://example.com/',
    'data:image/png;base64,AA==',
    'javascript:alert(1)',
    'unix:/run/docker.sock',
  ],
  ...['blob:http://example.com/1', '//example.com/', 'example.com', '', 'http://', 'http:///'],
  ...[
    'http://exa mple.com/',
    ' http://example.com/',
    'http://example.com/\n',
    'ht\ttp://example.com/',
  ],
  ...['http:\\\\example.com/', 'http://example.com\\@127.0.0.1/', 'http://example.com/\u0000'],
  ...['http://example.com\u00a0/', `http://example.com/${'a'.repeat(2048)}`],
]

for (const text of REFUSED_TEXTS) {
  test(`${JSON.stringify(text.slice(0, 60))} is refused before DNS is used`, async () => {
    const resolve = () => Promise.reject(new Error('DNS was used'))
    const guarded = guardedUrlFetcher({ maxBytes: 1000, resolve })
    await assert.rejects(guarded.fetch(text), failsWith('URL_REFUSED'))
  })
}

test('without an injected rule no address of this machine is connected to', async (t) => {
  const { port, requests } = await serve(t, image)
  const guarded = guardedUrlFetcher({
    maxBytes: 1000,
    ports: [port],
    resolve: async () => ['127.0.0.1'],
  })
  for (const host of ['127.0.0.1', 'example.com', '2130706433', '[::ffff:127.0.0.1]']) {
    await assert.rejects(
      guarded.fetch(`http://${host}:${port}/`),
      failsWith('URL_REFUSED', 'public addresses only'),
    )
  }
  assert.equal(requests.length, 0)
})

test('one private address among public ones refuses the name', async (t) => {
  const { port, requests } = await serve(t, image)
  for (const answer of [
    ['127.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
  ]) {
    const mixed = fetcher(port, { resolve: async () => answer })
    await assert.rejects(mixed.fetch(`http://mixed.example:${port}/`), failsWith('URL_REFUSED'))
  }
  assert.equal(requests.length, 0)
})

test('a name that does not resolve is refused in the words of one that is not public', async () => {
  const say = async (answer: readonly string[]) => {
    const guarded = guardedUrlFetcher({ maxBytes: 1, resolve: async () => answer })
    return guarded.fetch('http://inside.example/').then(
      () => assert.fail('fetched'),
      (error: Error) => error.message,
    )
  }
  assert.equal(await say([]), await say(['10.0.0.1']))
})

test('the address that was checked is connected to when DNS changes its mind', async (t) => {
  const { port, requests } = await serve(t, image)
  let lookUps = 0
  const rebinding = fetcher(port, {
    resolve: async () => (lookUps++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']),
  })
  assert.deepEqual(await rebinding.fetch(`http://rebind.example:${port}/`), BODY)
  assert.equal(lookUps, 1)
  await assert.rejects(rebinding.fetch(`http://rebind.example:${port}/`), failsWith('URL_REFUSED'))
  assert.equal(requests.length, 1)
})

test('a connection that ends up elsewhere is cut', async (t) => {
  const { port, requests } = await serve(t, image)
  let checks = 0
  const changing = fetcher(port, { isAllowed: () => checks++ === 0 })
  await assert.rejects(
    changing.fetch(`http://pictures.example:${port}/`),
    failsWith('URL_FETCH_FAILED', 'connected to 127.0.0.1'),
  )
  assert.equal(requests.length, 0)
})

const REDIRECTS: [to: (port: number) => string, code: ErrorCode][] = [
  [(port) => `http://127.0.0.2:${port}/`, 'URL_REFUSED'],
  [(port) => `//10.0.0.1:${port}/`, 'URL_REFUSED'],
  [(port) => `http://[::1]:${port}/`, 'URL_REFUSED'],
  [(port) => `http://2130706434:${port}/`, 'URL_REFUSED'],
  [(port) => `http://localhost:${port}/`, 'URL_REFUSED'],
  [(port) => `http://private.example:${port}/`, 'URL_REFUSED'],
  [(port) => `http://user:secret@pictures.example:${port}/`, 'URL_REFUSED'],
  [() => 'http://pictures.example:22/', 'URL_REFUSED'],
  [() => 'file:///etc/passwd', 'URL_REFUSED'],
  [() => 'data:image/png;base64,AA==', 'URL_REFUSED'],
  [() => 'gopher://pictures.example/', 'URL_REFUSED'],
  [() => '/again', 'URL_FETCH_FAILED'],
]
for (const [to, code] of REDIRECTS) {
  test(`a redirect to ${to(1)} is ${code}`, async (t) => {
    const { port } = await serve(t, (_request, response) => {
      response.writeHead(302, { location: to(port) }).end()
    })
    const guarded = fetcher(port, {
      resolve: async (host) => (host === 'private.example' ? ['10.0.0.1'] : ['127.0.0.1']),
    })
    await assert.rejects(guarded.fetch(`http://pictures.example:${port}/`), failsWith(code))
  })
}

test('redirects are followed up to a bound, each resolved and checked again', async (t) => {
  const { port, requests } = await serve(t, (request, response) => {
    const step = Number(request.url?.slice(1))
    if (step === 0) image(request, response)
    else response.writeHead(307, { location: `http://step.example:${port}/${step - 1}` }).end('x')
  })
  const hosts: string[] = []
  const guarded = fetcher(port, {
    resolve: async (host) => {
      hosts.push(host)
      return ['127.0.0.1']
    },
  })
  assert.deepEqual(await guarded.fetch(`http://first.example:${port}/3`), BODY)
  assert.deepEqual(hosts, ['first.example', 'step.example', 'step.example', 'step.example'])
  await assert.rejects(
    guarded.fetch(`http://first.example:${port}/4`),
    failsWith('URL_FETCH_FAILED', 'at most 3 redirects'),
  )
  assert.equal(requests.length, 8)
})

const ANSWERS: [name: string, answer: RequestListener, code: ErrorCode, word: string][] = [
  ['a page', typed('text/html'), 'UNSUPPORTED_MEDIA_TYPE', '"text/html"'],
  ['an announced length past the bound', announced(1001), 'BODY_TOO_LARGE', '1001'],
  ['more bytes than the bound', sized(1001), 'BODY_TOO_LARGE', '1000 bytes'],
  ['a missing image', (_, response) => response.writeHead(404).end(), 'URL_FETCH_FAILED', '404'],
  ['a part of an image', (_, response) => response.writeHead(206).end(), 'URL_FETCH_FAILED', '206'],
  ['a packed image', packed, 'URL_FETCH_FAILED', '"gzip"'],
  [
    'a redirect to nowhere',
    (_, response) => response.writeHead(302).end(),
    'URL_FETCH_FAILED',
    '302',
  ],
  ['a head of 20 KiB', headed(20_000), 'URL_FETCH_FAILED', 'HPE_HEADER_OVERFLOW'],
  ['a body that breaks off', broken, 'URL_FETCH_FAILED', 'ECONNRESET'],
]

function typed(type: string): RequestListener {
  return (_request, response) => response.setHeader('content-type', type).end(BODY)
}

function announced(length: number): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': length }).flushHeaders()
  }
}

function sized(length: number): RequestListener {
  return (_request, response) => {
    response.write(Buffer.alloc(length - 1))
    response.end('x')
  }
}

function packed(_request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(100_000)))
}

function headed(bytes: number): RequestListener {
  return (_request, response) => response.setHeader('x-long', 'a'.repeat(bytes)).end(BODY)
}

function broken(_request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  response.writeHead(200, { 'content-length': 100 })
  response.write('half', () => response.destroy())
}

for (const [name, answer, code, word] of ANSWERS) {
  test(`${name} is refused`, async (t) => {
    const { port } = await serve(t, answer)
    await assert.rejects(
      fetcher(port).fetch(`http://pictures.example:${port}/`),
      failsWith(code, word),
    )
  })
}

test('an image of exactly the bound, or of no named type, is taken', async (t) => {
  const { port } = await serve(t, sized(1000))
  assert.equal((await fetcher(port).fetch(`http://pictures.example:${port}/`)).byteLength, 1000)
})

test('a server that says nothing, or a resolver, costs no more than the time allowed', async (t) => {
  const { port } = await serve(t, () => undefined)
  const silent = fetcher(port, { timeoutMs: 50 })
  const slow = failsWith('URL_FETCH_FAILED', 'within 50 ms')
  await assert.rejects(silent.fetch(`http://pictures.example:${port}/`), slow)
  const unresolved = fetcher(port, {
    timeoutMs: 50,
    resolve: async (_host, signal) => {
      await once(signal, 'abort')
      return []
    },
  })
  await assert.rejects(unresolved.fetch(`http://pictures.example:${port}/`), slow)
})

test('a caller who gives up ends the fetch, and one too many is QUEUE_FULL', async (t) => {
  const { port, requests } = await serve(t, () => undefined)
  const guarded = fetcher(port, { maxAtOnce: 1 })
  const caller = new AbortController()
  const url = `http://pictures.example:${port}/`
  const first = guarded.fetch(url, caller.signal)
  await assert.rejects(guarded.fetch(url), failsWith('QUEUE_FULL'))
  caller.abort()
  await assert.rejects(first, failsWith('CANCELLED'))
  await assert.rejects(
    guarded.fetch(url, AbortSignal.abort()),
    failsWith('CANCELLED'),
    'the place is free again',
  )
  assert.ok(requests.length <= 1)
})
