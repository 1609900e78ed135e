import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { headerParameters } from '../../src/http/body/header-parameters.ts'
import { fileName, partName } from '../../src/http/body/part-name.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const images = '/v1/collections/names/images'

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  assert.equal((await send('PUT', '/v1/collections/names', {})).status, 201)
})

after(async () => {
  await server.server.close()
  await service.close()
})

function send(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  return call(server, method, path, body, headers)
}

/** A form of one file for each disposition, its boundary on the first line, as bytes. */
function form(dispositions: readonly Uint8Array[]): Uint8Array {
  const parts = dispositions.flatMap((disposition) => [
    Buffer.from('--XbX\r\nContent-Disposition: '),
    disposition,
    Buffer.from('\r\nContent-Type: image/png\r\n\r\nno image\r\n'),
  ])
  return Buffer.concat([...parts, Buffer.from('--XbX--\r\n')])
}

async function sendNamed(...dispositions: readonly Uint8Array[]) {
  return await sendNamedBy('a test', ...dispositions)
}

async function sendNamedBy(userAgent: string, ...dispositions: readonly Uint8Array[]) {
  const contentType = 'multipart/form-data; boundary=XbX'
  const headers = { 'content-type': contentType, 'user-agent': userAgent }
  return await send('POST', images, new Uint8Array(form(dispositions)), headers)
}

const utf8 = (name: string) => Buffer.from(`form-data; name="image"; ${name}`)
const latin1 = (name: string) => Buffer.from(`form-data; name="image"; ${name}`, 'latin1')

for (const [what, disposition, got] of [
  ['Latin-1 é', latin1('filename="caf\xe9.png"'), /"café\.png"/],
  ['Latin-1 è', latin1('filename="caf\xe8.png"'), /"cafè\.png"/],
  ['UTF-8 that is cut off', utf8('filename="caf\u00e9').subarray(0, -1), /caf/],
  ['a percent-encoded name in Latin-1 that says UTF-8', utf8("filename*=UTF-8''caf%E9.png"), /%E9/],
  ['another encoding', utf8("filename*=windows-1252''caf%E9.png"), /windows-1252/],
  ['an encoding that is not said', utf8('filename*=caf%C3%A9.png'), /caf%C3/],
] as const) {
  test(`a file name in ${what} is refused, as its id would have another letter`, async () => {
    const { status, body } = await sendNamed(utf8('filename="a.png"'), disposition)
    assert.deepEqual([status, body.code], [400, 'INVALID_ID'], body.detail)
    assert.match(body.detail, /image part 2 in UTF-8/)
    assert.match(body.detail, got)
  })
}

const NAMES: readonly [what: string, disposition: Uint8Array, id: string][] = [
  ['UTF-8', utf8('filename="café.png"'), 'café.png'],
  ['a name that begins with a mark of byte order', utf8('filename="\uFEFFa"'), '\uFEFFa'],
  ['a letter that looks like a lost one', utf8('filename="\uFFFD"'), '\uFFFD'],
  ['RFC 5987', utf8("filename*=UTF-8''caf%C3%A9%20%22.png"), 'café ".png'],
  ['RFC 5987 in Latin-1', utf8("filename*=iso-8859-1'fr'caf%E9.png"), 'café.png'],
  [
    'RFC 5987 beside a poorer name',
    utf8('filename="caf_.png"; filename*=utf-8\'\'caf%C3%A9'),
    'café',
  ],
  [
    'RFC 5987 before a poorer name',
    utf8('filename*=utf-8\'\'caf%C3%A9; filename="caf_.png"'),
    'café',
  ],
  [
    'quotes as browsers and curl write them',
    utf8('filename="12%22 x%0D%0Ay.png"'),
    '12" x\r\ny.png',
  ],
  ['other percent signs', utf8('filename="a%20b%C3%A9%.png"'), 'a%20b%C3%A9%.png'],
  ['quotes behind backslashes', utf8('filename="12\\" \\\\ \\a.png"'), '12" \\ \\a.png'],
  ['a path', utf8('filename="cats/1.png"'), 'cats/1.png'],
  ['a backslash in the end', utf8('filename="cats\\"'), 'cats\\'],
  ['no quotes', utf8('filename=a;b=c'), 'a'],
  ['a semicolon in quotes', utf8('filename="a;filename=b"; x'), 'a;filename=b'],
  ['names of parameters in capitals', utf8('FILENAME = "a"'), 'a'],
]

for (const [what, disposition, id] of NAMES) {
  test(`a file name is its id to the letter: ${what}`, async () => {
    const { body } = await sendNamed(disposition)
    assert.deepEqual([body.results[0].id, body.results[0].error.code], [id, 'NOT_AN_IMAGE'])
  })
}

/** Written by aiohttp 3.14.5 for the names on the right. */
const NAMES_OF_AIOHTTP = [
  ['filename="deep%2Fcaf%C3%A9%20100%2525.png"', 'deep/café 100%25.png'],
  ['filename="plain-1_2~.png"', 'plain-1_2~.png'],
  // With quote_fields=False.
  ['filename="a b%20c.png"', 'a b%20c.png'],
] as const
for (const [disposition, id] of NAMES_OF_AIOHTTP) {
  test(`a file name of aiohttp is decoded: ${id}`, async () => {
    const { body } = await sendNamedBy('Python/3.11 aiohttp/3.14.5', utf8(disposition))
    assert.equal(body.results[0].id, id)
  })
}

test('a file name of aiohttp that is no UTF-8 once decoded is refused', async () => {
  const { status, body } = await sendNamedBy('aiohttp/3', utf8('filename="caf%E9.png"'))
  assert.deepEqual([status, body.code], [400, 'INVALID_ID'])
})

test('the name of a file that is only searched with may be in any encoding', async () => {
  const body = new Uint8Array(form([latin1('filename="caf\xe9.png"')]))
  const headers = { 'content-type': 'multipart/form-data; boundary="XbX"' }
  const answer = await send('POST', '/v1/collections/names/search', body, headers)
  assert.deepEqual([answer.status, answer.body.code], [415, 'NOT_AN_IMAGE'])
})

test('a header of 80,000 signs is read in moments', () => {
  for (const sign of [';', '"', '=', '\\', ';a="', '\\"', '=";']) {
    const header = headerParameters(`form-data${sign.repeat(80_000 / sign.length)}`)
    assert.equal(partName(header), null)
    assert.deepEqual(fileName(header), { kind: 'none' })
  }
})

test('a part without a name is refused, not passed over', async () => {
  const { status, body } = await sendNamed(Buffer.from('form-data; filename="a.png"'))
  assert.deepEqual([status, body.code], [400, 'INVALID_REQUEST'])
  assert.match(body.detail, /the parts image .* part 1 named ""/)
})
